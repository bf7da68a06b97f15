import { FORMAT } from '../service/beat.ts';
import { aboutCrashes, aboutOutcomes, aboutRefusals, aboutTasks, aboutVersions } from './findings-of-work.ts';
import type { Finding, InstallationStatus, QueueStatus, ServiceStatus } from './installation-status.ts';
import { countedInWords, countInWords, durationInWords } from './words.ts';

const BEHIND_MS = 60_000;
const STARTING_MS = 10_000;

export type Known = Pick<InstallationStatus, 'at' | 'services' | 'queues'> &
  Partial<Pick<InstallationStatus, 'redis' | 'streams' | 'crashed' | 'outcomes'>> & {
    /** Whether a dashboard is to run. Default: false. */
    expectsWeb?: boolean;
  };

const LEVELS: readonly Finding['level'][] = ['bad', 'warn', 'note'];

/** The problems, the worst first; empty if all is well. @param others what was found elsewhere. */
export function findingsIn(known: Known, others: readonly Finding[] = []): Finding[] {
  const { redis, services } = known;
  const findings = [...aboutRefusals(redis?.refusal, services), ...others];
  // Without heartbeats nobody knows how the services are.
  const isKnown = !redis?.refusal || (services.length > 0 && services.every(({ state }) => state !== 'silent'));
  if (isKnown) findings.push(...aboutServices(known));
  return findings.sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
}

function aboutServices({ at, services, queues, streams, crashed = [], outcomes = [], expectsWeb }: Known): Finding[] {
  return [
    ...aboutProcessors(
      services.filter(({ service }) => service === 'processor'),
      at,
      streams?.unread_requests ?? 0,
    ),
    ...(expectsWeb ? aboutWeb(services) : []),
    ...(streams?.groups_that_missed_results ?? []).map(aboutMisses),
    ...aboutOtherInstallations(services.filter(isConsuming)),
    ...queues.flatMap((queue) => aboutQueue(queue, services, at)),
    ...services.flatMap((service) => aboutService(service, at)),
    ...services.flatMap((service) => aboutTaskTypes(service, services)),
    ...aboutCrashes(crashed, at),
    ...aboutVersions(services),
    ...outcomes.flatMap(aboutOutcomes),
    ...services.flatMap(aboutTasks),
  ];
}

function aboutProcessors(processors: readonly ServiceStatus[], at: string, unread: number): Finding[] {
  const consuming = processors.filter(isConsuming);
  if (consuming.length === 0) {
    if (processors.some((processor) => hasJustStarted(processor, at))) return [];
    const detail = processors.some(({ state }) => state === 'deaf')
      ? 'One is alive, but cannot prove that it hears messages: they may be lost.'
      : `Messages published now are lost.${unread > 0 ? ` Waiting in the stream: ${countedInWords(unread, 'request')}.` : ''} Start one: npm start`;
    return [{ level: 'bad', title: 'No processor is consuming', detail }];
  }
  if (consuming.every(({ leader }) => leader === false)) {
    const detail = 'Only the leading one takes messages without a task_id, so nobody takes them.';
    return [{ level: 'warn', title: 'No processor leads', detail }];
  }
  return [];
}

function aboutWeb(services: readonly ServiceStatus[]): Finding[] {
  if (services.some(({ service, state }) => service === 'web' && state !== 'silent')) return [];
  const detail =
    'Without it there are no pages, no HTTP API, no /mcp and no history. Its log says why: npx taskwire logs web. If there is to be none, set web.enabled to false.';
  return [{ level: 'warn', title: 'The dashboard (web) is not running', detail }];
}

function aboutMisses(group: string): Finding {
  const detail =
    'It reads the results stream too slowly, or nobody reads it (results.stream_max_bytes). XGROUP DESTROY ends one that nobody needs.';
  return { level: 'warn', title: `The group ${group} missed results`, detail };
}

function aboutOtherInstallations(services: readonly ServiceStatus[]): Finding[] {
  const names = new Set(services.flatMap(({ other_installations }) => other_installations));
  const detail = 'Channels are global to a Redis server: both run every request. Give each channels of its own.';
  return [...names].map((name) => ({ level: 'warn', title: `${name} hears the same requests`, detail }));
}

function aboutQueue(
  { name, paused, waiting, oldest_waiting_ms }: QueueStatus,
  services: readonly ServiceStatus[],
  at: string,
): Finding[] {
  const findings: Finding[] = [];
  const takes = (service: ServiceStatus) => isConsuming(service) || hasJustStarted(service, at);
  if (!services.some((service) => takes(service) && service.queues.includes(name))) {
    const detail =
      waiting === 0 ? 'Its tasks will wait until one runs.' : `${countedInWords(waiting, 'task')} waiting.`;
    findings.push({ level: 'bad', title: `No worker takes the queue ${name}`, detail });
  } else if (paused) {
    const detail = `Its tasks wait until somebody resumes it; ${countInWords(waiting)} do now.`;
    findings.push({ level: 'warn', title: `The queue ${name} is paused`, detail });
  } else if (oldest_waiting_ms !== null && oldest_waiting_ms > BEHIND_MS) {
    const title = `The queue ${name} is ${durationInWords(oldest_waiting_ms)} behind`;
    findings.push({ level: 'warn', title, detail: `${countedInWords(waiting, 'task')} waiting for a free worker.` });
  }
  return findings;
}

function aboutService(
  { service, instance, version, format, state, host, seen_at, holds = [] }: ServiceStatus,
  at: string,
): Finding[] {
  if (format !== FORMAT && state !== 'silent') {
    const detail = `On ${host}, version ${version}: it cannot share tasks with this version, and tasks may get no result. Stop it.`;
    return [{ level: 'bad', title: `The ${service} ${instance} has another format of jobs`, detail }];
  }
  if (state === 'deaf') {
    const detail = `On ${host}: it is alive, but cannot prove that it consumes.`;
    return [{ level: 'warn', title: `The ${service} ${instance} is deaf`, detail }];
  }
  if (state !== 'silent') return [];
  const silence = durationInWords(Date.parse(at) - Date.parse(seen_at));
  const detail = `On ${host}, last heard ${silence} ago: it died, is cut off, or blocked by a task.${holds.length > 0 ? ` It has ${holds.join(', ')}.` : ''}`;
  return [{ level: 'warn', title: `The ${service} ${instance} is silent`, detail }];
}

/** About a worker that knows other task types than the processors accept. */
function aboutTaskTypes(
  { service, instance, host, state, queues, task_types }: ServiceStatus,
  services: readonly ServiceStatus[],
): Finding[] {
  const accepted = services.filter((other) => other.service === 'processor' && other.state !== 'silent');
  if (state === 'silent' || !task_types || !accepted.some((processor) => processor.task_types)) return [];
  const acceptedOn = (queue: string) => accepted.flatMap((processor) => processor.task_types?.[queue] ?? []);
  const lacking = queues.flatMap((queue) => acceptedOn(queue).filter((type) => !task_types[queue]?.includes(type)));
  const more = queues.flatMap((queue) => task_types[queue]?.filter((type) => !acceptedOn(queue).includes(type)) ?? []);
  const parts = [
    ...(lacking.length > 0 ? [`it does not know ${[...new Set(lacking)].join(', ')}`] : []),
    ...(more.length > 0 ? [`no processor accepts ${more.join(', ')}`] : []),
  ];
  if (parts.length === 0) return [];
  const detail = `On ${host}: ${parts.join('; ')}. Give all services the same tasks.folders and version, and restart them.`;
  return [{ level: 'warn', title: `The ${service} ${instance} knows other task types than the processor`, detail }];
}

function isConsuming({ state }: ServiceStatus): boolean {
  return state === 'consuming';
}

/** Proved with its next heartbeat, or never. */
function hasJustStarted({ state, started_at }: ServiceStatus, at: string): boolean {
  return state === 'starting' && Date.parse(at) - Date.parse(started_at) < STARTING_MS;
}
