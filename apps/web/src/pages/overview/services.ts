import type { InstallationStatus, RedisStatus, ServiceStatus } from '@taskwire/monitoring';
import { byId } from '../shared/dom.ts';
import { formatAgo, formatBytes, formatCount, formatDuration, formatMoment } from '../shared/format.ts';
import { keyedList } from '../shared/keyed-list.ts';
import { createCard, type ServiceCard } from './service-card.ts';

const showCards = keyedList(byId('services'), { key: ({ key }) => key, create: createCard });

export function showServices(status: InstallationStatus) {
  showCards([
    ...missing(status),
    ...status.services.map((service) => cardOf(service, status.at)),
    redisCard(status.redis),
  ]);
}

function missing({ services, queues, redis }: InstallationStatus): ServiceCard[] {
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

function absent(name: string, note: string): ServiceCard {
  return { key: `absent ${name}`, level: 'bad', state: 'Missing', name, note, facts: [] };
}

function cardOf(service: ServiceStatus, now: string): ServiceCard {
  const { state, lag_ms, leader, running, concurrency, queues, host, pid, version, started_at, seen_at } = service;
  const since = (at: string) => Date.parse(now) - Date.parse(at);
  const facts: ServiceCard['facts'] = [];
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

function stateOf({ state, lag_ms, queues }: ServiceStatus): Pick<ServiceCard, 'level' | 'state'> {
  if (state === 'silent') return { level: 'bad', state: 'Silent' };
  if (state === 'deaf') return { level: 'warn', state: 'Deaf' };
  if (state === 'starting') return { level: 'good', state: 'Starting' };
  const takesNothing = lag_ms === null && queues.length === 0;
  return { level: 'good', state: takesNothing ? 'Alive' : 'Consuming' };
}

function redisCard({ address, version, used_memory_bytes, connected_clients, refusal }: RedisStatus): ServiceCard {
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
