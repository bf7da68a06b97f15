/** @import { InstallationStatus, QueueStatus } from '@taskwire/monitoring' */

import { createChart } from '../shared/chart.js';
import { barPaths, latencyPaths } from '../shared/chart-geometry.js';
import { byId, element, setText } from '../shared/dom.js';
import { formatCount, formatDuration } from '../shared/format.js';
import { keyedList } from '../shared/keyed-list.js';
import { latencyOfHour, latencyOfMinute, throughputOfHour, throughputOfMinute } from './chart-text.js';

/** The states of jobs, named as in Bull Board, and what they mean. */
const STATES = /** @type {const} */ ([
  ['waiting', 'For a free worker'],
  ['active', 'Being run'],
  ['delayed', 'To run later, or again'],
  ['completed', 'Finished jobs that are still kept'],
  ['failed', 'Finished jobs that are still kept'],
]);

const HOUR = {
  ends: /** @type {[string, string]} */ (['60 min ago', 'now']),
  nothing: 'Nothing in the last hour',
};

const showCards = keyedList(byId('queues'), { key: ({ name }) => name, create: createCard });

/** @param {InstallationStatus} status */
export function showQueues({ queues }) {
  showCards(queues);
}

/** @param {QueueStatus} queue */
function createCard({ name }) {
  const note = element('p', { class: 'note' });
  const counts = STATES.map(([state, meaning]) => createCount({ name, state, meaning }));
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
  );
  return {
    node,
    /** @param {QueueStatus} queue */
    update(queue) {
      for (const count of counts) count.update(queue);
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

/** @param {{name: string, state: 'waiting' | 'active' | 'delayed' | 'completed' | 'failed', meaning: string}} options */
function createCount({ name, state, meaning }) {
  const number = element('strong');
  const href = `/board/queue/${encodeURIComponent(name)}?status=${state}`;
  const link = element('a', { href, title: `${meaning}; see them in Bull Board` }, number, ' ', state);
  const node = element('li', { class: state }, link);
  return {
    node,
    /** @param {QueueStatus} queue */
    update(queue) {
      setText(number, formatCount(queue[state]));
      node.classList.toggle('none', queue[state] === 0);
    },
  };
}
