import type { InstallationStatus, QueueStatus } from '@taskwire/monitoring';
import { createChart } from '../shared/chart.ts';
import { barPaths, latencyPaths } from '../shared/chart-geometry.ts';
import { byId, element, setText } from '../shared/dom.ts';
import { formatCount, formatDuration } from '../shared/format.ts';
import { keyedList } from '../shared/keyed-list.ts';
import { latencyOfHour, latencyOfMinute, throughputOfHour, throughputOfMinute } from './chart-text.ts';

/** Jobs as they are now, named as in Bull Board, and what the states mean. */
const STATES = [
  ['waiting', 'For a free worker'],
  ['active', 'Being run'],
  ['delayed', 'To run later, or again'],
] as const;

/** Tasks that ended in the last hour, as the charts and the banner count them. */
const ENDED = [
  ['completed', 'status=completed&since=1h'],
  ['failed', 'status=error&since=1h'],
] as const;

const HOUR = {
  ends: ['60 min ago', 'now'] as [string, string],
  nothing: 'Nothing in the last hour',
};

const showCards = keyedList(byId('queues'), { key: ({ name }) => name, create: createCard });

export function showQueues({ queues }: InstallationStatus) {
  showCards(queues);
}

function createCard({ name }: QueueStatus) {
  const note = element('p', { class: 'note' });
  const board = `/board/queue/${encodeURIComponent(name)}`;
  const counts = [
    ...STATES.map(([state, meaning]) =>
      createCount(state, `${board}?status=${state}`, `${meaning}; see them in Bull Board`, (queue) => queue[state]),
    ),
    ...ENDED.map(([end, query]) => {
      const title = 'Tasks that ended in the last hour; find them';
      const sum = ({ history }: QueueStatus) => history.reduce((total, minute) => total + minute[end], 0);
      return createCount(`${end}, last hour`, `/tasks?${query}`, title, sum);
    }),
  ];
  const kept = element('a', { href: `${board}?status=completed` });
  const throughput = createChart({
    title: 'Tasks per minute',
    label: `Queue ${name}, tasks per minute`,
    kind: 'bars',
    draw: barPaths,
    scale: formatCount,
    whole: throughputOfHour,
    part: throughputOfMinute,
    ...HOUR,
  });
  const latency = createChart({
    title: 'Latency',
    label: `Queue ${name}, time from acceptance to result`,
    kind: 'latency',
    draw: latencyPaths,
    scale: formatDuration,
    whole: latencyOfHour,
    part: latencyOfMinute,
    ...HOUR,
  });
  const head = element('div', { class: 'head' }, element('h3', {}, name), note);
  const node = element(
    'article',
    { class: 'card queue', 'aria-label': `Queue ${name}` },
    head,
    element('ul', { class: 'counts' }, ...counts.map(({ node }) => node)),
    element('div', { class: 'charts' }, throughput.node, latency.node),
    element('p', { class: 'note kept' }, 'Bull Board keeps ', kept),
  );
  return {
    node,
    update(queue: QueueStatus) {
      for (const count of counts) count.update(queue);
      setText(kept, `${formatCount(queue.completed)} completed and ${formatCount(queue.failed)} failed jobs`);
      const oldest = queue.oldest_waiting_ms;
      const notes = [
        ...(queue.paused ? ['paused'] : []),
        ...(oldest === null ? [] : [`oldest waiting for ${formatDuration(oldest)}`]),
      ];
      setText(note, notes.join(' · '));
      node.classList.toggle('paused', queue.paused);
      throughput.update(queue.history);
      latency.update(queue.history);
    },
  };
}

function createCount(label: string, href: string, title: string, of: (queue: QueueStatus) => number) {
  const number = element('strong');
  const node = element(
    'li',
    { class: label.split(',')[0] ?? '' },
    element('a', { href, title }, number, ' ', label.charAt(0).toUpperCase() + label.slice(1)),
  );
  return {
    node,
    update(queue: QueueStatus) {
      setText(number, formatCount(of(queue)));
      node.classList.toggle('none', of(queue) === 0);
    },
  };
}
