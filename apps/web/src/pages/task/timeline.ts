import type { TaskDocument } from '../../api/task-document.ts';
import { byId, element, setText } from '../shared/dom.ts';
import { formatClockWithSeconds, formatDuration, formatMoment } from '../shared/format.ts';
import { keyedList } from '../shared/keyed-list.ts';

interface Step {
  name: string;
  kind: 'wait' | 'run' | 'good' | 'bad';
  from: number;
  to: number;
  more?: string;
  error?: string | undefined;
}

const showSteps = keyedList(byId('timeline'), { key: ({ step: { name } }) => name, create: createStep });

export function showTimeline(task: TaskDocument, now: number) {
  const steps = stepsOf(task, now);
  const from = steps[0]?.from ?? 0;
  const wholeMs = Math.max(1, (steps.at(-1)?.to ?? 0) - from);
  showSteps(
    steps.map((step) => ({ step, start: (step.from - from) / wholeMs, part: (step.to - step.from) / wholeMs })),
  );
}

/** What a task has been through, without gaps. */
export function stepsOf(task: TaskDocument, now: number): Step[] {
  const accepted = task.accepted_at ? Date.parse(task.accepted_at) : undefined;
  const ended = task.ended_at ? Date.parse(task.ended_at) : undefined;
  const steps: Step[] =
    accepted === undefined ? [] : [{ name: 'Accepted', kind: 'good', from: accepted, to: accepted }];
  let at = accepted;
  for (const { attempt, from, to, error, worker } of attemptsOf(task, now)) {
    if (at !== undefined && from - at >= 1) {
      steps.push({ name: `Waited for attempt ${attempt}`, kind: 'wait', from: at, to: from });
    }
    const more = worker ? `worker ${worker}` : '';
    steps.push({ name: `Attempt ${attempt}`, kind: error === undefined ? 'run' : 'bad', from, to, more, error });
    at = to;
  }
  if (ended !== undefined) {
    const name = task.status === 'completed' ? 'Completed' : `Ended: ${task.error_code ?? 'error'}`;
    steps.push({ name, kind: task.status === 'completed' ? 'good' : 'bad', from: ended, to: ended });
  } else if (task.status !== 'running' && at !== undefined) {
    const more = task.next_attempt_at ? `until ${formatMoment(task.next_attempt_at)}` : 'for a worker';
    steps.push({ name: 'Waits', kind: 'wait', from: at, to: Math.max(at, now), more });
  }
  return steps;
}

/** The attempts that are told, and the last one, of which only its times may be known. */
function attemptsOf(
  { run, attempts, started_at, ended_at, duration_ms, status, worker, error }: TaskDocument,
  now: number,
) {
  const told = run.attempts.map((one) => ({ ...one, from: Date.parse(one.started_at), to: Date.parse(one.ended_at) }));
  if (!started_at || (told.at(-1)?.attempt ?? 0) >= attempts) return told;
  const from = Date.parse(started_at);
  const end = ended_at ? Date.parse(ended_at) : now;
  const to = status === 'running' || duration_ms === null ? end : from + duration_ms;
  const why = status === 'error' ? { error: error ?? '' } : {};
  return [...told, { attempt: attempts, from, to: Math.max(from, to), worker, ...why }];
}

function createStep({ step: { kind } }: { step: Step }) {
  const name = element('strong');
  const clock = element('time');
  const took = element('span', { class: 'took' });
  const more = element('span', { class: 'more' });
  const error = element('p', { class: 'error' });
  const bar = element('span', { class: 'bar', 'aria-hidden': 'true' });
  const node = element('li', { class: kind }, name, ' ', clock, ' ', took, ' ', more, bar, error);
  return {
    node,
    update({ step, start, part }: { step: Step; start: number; part: number }) {
      node.className = step.kind;
      setText(name, step.name);
      setText(clock, formatClockWithSeconds(new Date(step.from).toISOString()));
      clock.title = formatMoment(new Date(step.from).toISOString());
      setText(took, step.to > step.from || step.kind === 'run' ? formatDuration(step.to - step.from) : '');
      setText(more, step.more ?? '');
      setText(error, step.error ?? '');
      bar.hidden = part === 0 && step.kind !== 'run';
      bar.style.setProperty('--start', String(start));
      bar.style.setProperty('--part', String(part));
    },
  };
}
