import type { TaskNow } from '../task-desk.ts';
import { asData } from './data.ts';

/** Where a task is that has no result yet, in one line. */
export function stateInWords({ status, accepted_at, started_at, progress }: TaskNow): string {
  const since = status === 'running' ? started_at : accepted_at;
  const forSo = since === null ? '' : ` since ${since} (${seconds(Date.now() - Date.parse(since))})`;
  const told = progress ? `, ${Math.round(progress.progress * 100)} % done` : '';
  return `${status}${forSo}${told}`;
}

/** The normal answer while a task goes on. */
export function notDoneYet(task: TaskNow): string {
  const { task_id, progress } = task;
  return [
    `task_id: ${task_id}`,
    `Not done yet: ${stateInWords(task)}.`,
    ...(progress?.message === undefined ? [] : [asData(progress.message.slice(0, 200))]),
    `Go on with other work, then call get_result with this task_id; it waits up to 50 s. Do not ask for the same again: the task goes on, also without this chat.`,
    `With a background shell, run in the folder of the project: npx taskwire result ${task_id} --wait (it ends when the task does).`,
  ].join('\n');
}

function seconds(ms: number): string {
  const whole = Math.max(0, Math.round(ms / 1000));
  return whole < 120 ? `${whole} s` : `${Math.round(whole / 60)} min`;
}
