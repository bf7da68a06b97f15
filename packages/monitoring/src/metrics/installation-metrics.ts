import { countersKey } from '@taskwire/protocol';
import type { Redis } from 'ioredis';
import { Counter, Gauge, Registry } from 'prom-client';
import type { InstallationStatus, ServiceStatus } from '../status/installation-status.ts';
import { BUCKETS, ServiceMetrics } from './service-metrics.ts';

/** All metrics of an installation for Prometheus: the counters of its processes, and its current state. */
export async function writeInstallationMetrics(
  redis: Redis,
  keyPrefix: string,
  status: InstallationStatus,
): Promise<string> {
  const counted = await redis.hgetall(countersKey(keyPrefix));
  return `${await writeCounters(counted)}\n${await gaugesOf(status).metrics()}`;
}

async function writeCounters(counted: Readonly<Record<string, string>>): Promise<string> {
  const metrics = await new ServiceMetrics().registry.getMetricsAsJSON();
  const samples = Object.entries(counted)
    .filter(isSample)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return metrics
    .map(({ name, help, type }) => {
      const own = samples.filter(([sample]) => metricOf(sample) === name);
      const lines = withEmptyBuckets(own).map(([sample, value]) => `${sample} ${value}`);
      return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join('\n');
    })
    .join('\n\n');
}

type Sample = readonly [name: string, value: string];

/** One bad line would make Prometheus refuse all. */
function isSample([name, value]: Sample): boolean {
  return /^[a-z_]+(\{[^\n]*\})?$/.test(name) && Number.isFinite(Number(value));
}

/** Empty buckets were never stored; Prometheus wants all, in ascending order. */
function withEmptyBuckets(samples: readonly Sample[]): Sample[] {
  const values = new Map(samples);
  return samples.flatMap((sample): Sample[] => {
    const [name] = sample;
    if (!name.includes('le="')) return [sample];
    // If any bucket counts, so does the last; it has them all.
    if (!name.includes('le="+Inf"')) return [];
    return [...BUCKETS, '+Inf'].map((limit) => {
      const bucket = name.replace('le="+Inf"', `le="${limit}"`);
      return [bucket, values.get(bucket) ?? '0'];
    });
  });
}

/** The metric that a sample belongs to. */
function metricOf(sample: string): string {
  return sample.replace(/\{.*$/s, '').replace(/_seconds_(bucket|sum|count)$/, '_seconds');
}

function gaugesOf({ at, services, queues, redis, findings }: InstallationStatus): Registry {
  const registry = new Registry();
  const gauge = <T extends string>(name: string, help: string, labelNames: readonly T[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const states = 'Tasks of a queue by state; finished ones while they are kept';
  const tasks = gauge('taskwire_queue_tasks', states, ['queue', 'state']);
  const oldest = gauge('taskwire_queue_oldest_waiting_seconds', 'Age of the oldest waiting task; 0 if none', ['queue']);
  const paused = gauge('taskwire_queue_paused', 'Whether a queue is paused', ['queue']);
  const consumers = gauge('taskwire_queue_consumers', 'Workers that take tasks from a queue', ['queue']);
  for (const queue of queues) {
    for (const state of ['waiting', 'active', 'delayed', 'completed', 'failed'] as const) {
      tasks.set({ queue: queue.name, state }, queue[state]);
    }
    oldest.set({ queue: queue.name }, (queue.oldest_waiting_ms ?? 0) / 1000);
    paused.set({ queue: queue.name }, queue.paused ? 1 : 0);
    const takes = (service: ServiceStatus) => service.state === 'consuming' && service.queues.includes(queue.name);
    consumers.set({ queue: queue.name }, services.filter(takes).length);
  }
  const processes = gauge('taskwire_services', 'Processes by service and state', ['service', 'state']);
  // Not `instance`, which is Prometheus' own name for what it asks.
  const ofAProcess = ['service', 'process'] as const;
  const way = 'How long the trip from Redis into a process takes';
  const lag = gauge('taskwire_service_lag_seconds', way, ofAProcess);
  const leaders = gauge('taskwire_leaders', 'Processors that lead: 1 if all is well');
  const beaten = gauge('taskwire_service_heartbeat_age_seconds', 'Time since its last heartbeat', ofAProcess);
  const running = gauge('taskwire_service_running_tasks', 'Tasks that a worker runs', ofAProcess);
  const places = gauge('taskwire_service_places', 'Tasks that a worker may run at a time', ofAProcess);
  const memory = gauge('taskwire_service_memory_bytes', 'Memory of a process', ofAProcess);
  const name = 'taskwire_service_cpu_seconds_total';
  const cpu = new Counter({ name, help: 'CPU time of a process', labelNames: ofAProcess, registers: [registry] });
  for (const one of services) {
    const { service, instance: process, state } = one;
    processes.inc({ service, state });
    beaten.set({ service, process }, Math.max(0, Date.parse(at) - Date.parse(one.seen_at)) / 1000);
    if (state === 'silent') continue;
    if (one.lag_ms !== null && state === 'consuming') lag.set({ service, process }, one.lag_ms / 1000);
    if (one.running !== null) running.set({ service, process }, one.running);
    if (one.concurrency !== null) places.set({ service, process }, one.concurrency);
    if (one.memory_bytes !== undefined) memory.set({ service, process }, one.memory_bytes);
    if (one.cpu_seconds !== undefined) cpu.inc({ service, process }, one.cpu_seconds);
  }
  leaders.set(services.filter(({ leader, state }) => leader === true && state === 'consuming').length);
  const found = gauge('taskwire_findings', 'What `taskwire status` finds, by level', ['level', 'about']);
  for (const level of ['bad', 'warn', 'note']) {
    const those = findings.filter((one) => one.level === level);
    const ofRedis = those.filter(({ about }) => about === 'redis').length;
    found.set({ level, about: 'redis' }, ofRedis);
    found.set({ level, about: 'services' }, those.length - ofRedis);
  }
  gauge('taskwire_redis_used_memory_bytes', 'Memory that Redis uses').set(redis.used_memory_bytes ?? Number.NaN);
  gauge('taskwire_redis_connected_clients', 'Connections to Redis').set(redis.connected_clients ?? Number.NaN);
  return registry;
}
