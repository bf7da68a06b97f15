import { leaderKey, servicesKey } from '@taskwire/protocol';
import { redisTime } from '@taskwire/redis';
import type { Redis } from 'ioredis';
import type { Beat } from '../service/beat.ts';
import { PROOF_MAX_AGE_MS } from '../service/vitals.ts';
import type { InstallationStatus, ServiceState, ServiceStatus } from './installation-status.ts';
import { readable } from './readable.ts';

export const SILENT_AFTER_MS = 10_000;
const FORGET_AFTER_MS = 5 * 60_000;

/** The processes with a heartbeat in the last 5 minutes; others are forgotten. */
export async function readServices(
  redis: Redis,
  keyPrefix: string,
): Promise<Pick<InstallationStatus, 'services' | 'crashed'>> {
  const [now, beats, leader] = await Promise.all([
    redisTime(redis),
    readBeats(redis, keyPrefix),
    redis.get(leaderKey(keyPrefix)),
  ]);
  const gone = beats.filter(({ at }) => now - at > FORGET_AFTER_MS);
  const instances = gone.map(({ instance }) => instance);
  // It may take no changes just now.
  if (gone.length > 0) await redis.hdel(servicesKey(keyPrefix), ...instances).catch(() => undefined);
  const all = beats.filter((beat) => !gone.includes(beat)).map((beat) => statusOf(beat, leader, now));
  const crashed = all.filter((service) => isReplaced(service, all));
  const services = all
    .filter((service) => !crashed.includes(service))
    .sort((a, b) => rank(a) - rank(b) || a.service.localeCompare(b.service) || a.instance.localeCompare(b.instance));
  return { services, crashed };
}

/** The last heartbeat of each process that has not been forgotten; all times are by Redis' clock. */
export async function readBeats(redis: Redis, keyPrefix: string): Promise<Beat[]> {
  const beats = await redis.hvals(servicesKey(keyPrefix));
  return beats.flatMap((beat) => readable(beat, isBeat) ?? []).map(byRedisClock);
}

function byRedisClock(beat: Beat): Beat {
  const { at, startedAt, provenAt, seenAt = at } = beat;
  const aheadMs = seenAt - at;
  const proven = provenAt === null ? null : provenAt + aheadMs;
  return { ...beat, at: seenAt, startedAt: startedAt + aheadMs, provenAt: proven };
}

/** A silent process is not missed when another one of its kind was started after it fell silent. */
function isReplaced({ service, state, seen_at }: ServiceStatus, services: readonly ServiceStatus[]): boolean {
  if (state !== 'silent') return false;
  return services.some((other) => other.service === service && other.state !== 'silent' && other.started_at > seen_at);
}

function statusOf(beat: Beat, leader: string | null, now: number): ServiceStatus {
  const { service, instance, host, pid, version, lagMs, running, concurrency, queues, taskTypes } = beat;
  return {
    service,
    instance,
    host,
    pid,
    version,
    format: beat.format ?? 1,
    started_at: new Date(beat.startedAt).toISOString(),
    seen_at: new Date(beat.at).toISOString(),
    state: stateOf(beat, now),
    lag_ms: lagMs,
    // A leader that died said in its last heartbeat that it leads.
    leader: beat.leader === undefined ? null : instance === leader,
    other_installations: [...(beat.otherInstallations ?? [])],
    running: running ?? null,
    concurrency: concurrency ?? null,
    queues: [...(queues ?? [])],
    task_types: taskTypes ?? null,
    memory_bytes: beat.memoryBytes,
    cpu_seconds: beat.cpuSeconds,
    refusal: beat.refusal,
    near_limit: beat.near_limit,
    blocked: beat.blocked,
    unusable: beat.unusable,
  };
}

function stateOf({ at, startedAt, provenAt }: Beat, now: number): ServiceState {
  if (now - at > SILENT_AFTER_MS) return 'silent';
  if (provenAt === null && at - startedAt <= PROOF_MAX_AGE_MS) return 'starting';
  return provenAt !== null && at - provenAt <= PROOF_MAX_AGE_MS ? 'consuming' : 'deaf';
}

function rank({ state }: ServiceStatus): number {
  return state === 'silent' ? 1 : 0;
}

function isBeat(value: Partial<Beat>): value is Beat {
  const texts = [value.service, value.instance, value.host, value.version];
  const times = [value.at, value.startedAt, value.provenAt ?? 0, value.seenAt ?? 0];
  return texts.every((text) => typeof text === 'string') && times.every((time) => Number.isSafeInteger(time));
}
