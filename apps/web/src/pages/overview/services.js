/** @import { InstallationStatus, RedisStatus, ServiceStatus } from '@taskwire/monitoring' */
/** @import { ServiceCard } from './service-card.js' */

import { byId } from '../shared/dom.js';
import { formatAgo, formatBytes, formatCount, formatDuration, formatMoment } from '../shared/format.js';
import { keyedList } from '../shared/keyed-list.js';
import { createCard } from './service-card.js';

const showCards = keyedList(byId('services'), { key: ({ key }) => key, create: createCard });

/** @param {InstallationStatus} status */
export function showServices(status) {
  showCards([
    ...missing(status),
    ...status.services.map((service) => cardOf(service, status.at)),
    redisCard(status.redis),
  ]);
}

/**
 * @param {InstallationStatus} status
 * @returns {ServiceCard[]}
 */
function missing({ services, queues, redis }) {
  // Then nobody knows how the services are.
  if (redis.refusal) return [];
  const alive = services.filter(({ state }) => state !== 'silent');
  const unserved = queues.filter((queue) => !alive.some(({ queues }) => queues.includes(queue.name)));
  return [
    ...(alive.some(({ service }) => service === 'processor')
      ? []
      : [absent('processor', 'Takes published requests. Until one runs, they are lost.')]),
    ...unserved.map(({ name, waiting }) =>
      absent(`worker for ${name}`, `Runs tasks: ${formatCount(waiting)} waiting.`),
    ),
  ];
}

/**
 * @param {string} name
 * @param {string} note
 * @returns {ServiceCard}
 */
function absent(name, note) {
  return { key: `absent ${name}`, level: 'bad', state: 'Missing', name, note, facts: [] };
}

/**
 * @param {ServiceStatus} service
 * @param {string} now
 * @returns {ServiceCard}
 */
function cardOf(service, now) {
  const { state, lag_ms, leader, running, concurrency, queues, host, pid, version, started_at, seen_at } = service;
  const since = (/** @type {string} */ at) => Date.parse(now) - Date.parse(at);
  /** @type {ServiceCard['facts']} */
  const facts = [];
  if (state === 'silent') facts.push(['last heard', formatAgo(since(seen_at)), formatMoment(seen_at)]);
  if (queues.length > 0) facts.push([queues.length === 1 ? 'queue' : 'queues', queues.join(', ')]);
  if (lag_ms !== null && state !== 'silent') facts.push(['lag', formatDuration(lag_ms), 'From Redis into the process']);
  facts.push(['host', host, `Process ${pid}`]);
  if (state !== 'silent') facts.push(['up', formatDuration(since(started_at)), `Since ${formatMoment(started_at)}`]);
  facts.push(['version', version]);
  return {
    key: service.instance,
    ...stateOf(service),
    name: service.service,
    instance: service.instance,
    ...(leader && { badge: 'leader' }),
    facts,
    ...(running !== null &&
      concurrency && {
        load: { part: running / concurrency, text: `${formatCount(running)} of ${formatCount(concurrency)} running` },
      }),
  };
}

/**
 * @param {ServiceStatus} service
 * @returns {Pick<ServiceCard, 'level' | 'state'>}
 */
function stateOf({ state, lag_ms, queues }) {
  if (state === 'silent') return { level: 'bad', state: 'Silent' };
  if (state === 'deaf') return { level: 'warn', state: 'Deaf' };
  if (state === 'starting') return { level: 'good', state: 'Starting' };
  const takesNothing = lag_ms === null && queues.length === 0;
  return { level: 'good', state: takesNothing ? 'Alive' : 'Consuming' };
}

/**
 * @param {RedisStatus} redis
 * @returns {ServiceCard}
 */
function redisCard({ address, version, used_memory_bytes, connected_clients, refusal }) {
  return {
    key: 'redis',
    level: refusal ? 'bad' : 'good',
    state: refusal ? 'Refuses' : 'Answers',
    name: 'Redis',
    facts: [
      ['at', address],
      ['memory', used_memory_bytes === null ? 'unknown' : formatBytes(used_memory_bytes)],
      ['clients', connected_clients === null ? 'unknown' : formatCount(connected_clients)],
      ['version', version],
    ],
  };
}
