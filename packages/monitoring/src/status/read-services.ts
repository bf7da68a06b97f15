import { servicesKey } from '@taskwire/protocol';
import type { Redis } from 'ioredis';
import type { Beat } from '../service/heartbeat.ts';
import { PROOF_MAX_AGE_MS } from '../service/vitals.ts';
import type { ServiceState, ServiceStatus } from './installation-status.ts';
import { readable } from './readable.ts';

const SILENT_AFTER_MS = 10_000;
const FORGET_AFTER_MS = 5 * 60_000;

/** The processes that have lately said something; those that have not for 5 minutes are forgotten. */
export async function readServices(redis: Redis, keyPrefix: string, now: number): Promise<ServiceStatus[]> {
  const beats = await redis.hgetall(servicesKey(keyPrefix));
  const parsed = Object.values(beats).flatMap((beat) => readable<Beat>(beat) ?? []);
  const gone = parsed.filter(({ at }) => now - at > FORGET_AFTER_MS);
  if (gone.length > 0) await redis.hdel(servicesKey(keyPrefix), ...gone.map(({ instance }) => instance));
  return parsed
    .filter((beat) => !gone.includes(beat))
    .map((beat) => statusOf(beat, now))
    .sort((a, b) => rank(a) - rank(b) || a.service.localeCompare(b.service) || a.instance.localeCompare(b.instance));
}

function statusOf(beat: Beat, now: number): ServiceStatus {
  const { service, instance, host, pid, version, lagMs, leader, running, concurrency, queues } = beat;
  return {
    service,
    instance,
    host,
    pid,
    version,
    started_at: new Date(beat.startedAt).toISOString(),
    seen_at: new Date(beat.at).toISOString(),
    state: stateOf(beat, now),
    lag_ms: lagMs,
    leader: leader ?? null,
    running: running ?? null,
    concurrency: concurrency ?? null,
    queues: [...(queues ?? [])],
  };
}

function stateOf({ at, provenAt }: Beat, now: number): ServiceState {
  if (now - at > SILENT_AFTER_MS) return 'silent';
  // Both times are of the service's own clock.
  return provenAt !== null && at - provenAt <= PROOF_MAX_AGE_MS ? 'consuming' : 'deaf';
}

function rank({ state }: ServiceStatus): number {
  return state === 'silent' ? 1 : 0;
}
