import { countersKey } from '@taskwire/protocol';
import type { Redis } from 'ioredis';
import type { InstallationStatus, ServiceStatus } from '../status/installation-status.ts';
import { BUCKETS } from './durations.ts';
import { Counter, Gauge, Registry } from './prom-client.ts';
import { ServiceMetrics } from './service-metrics.ts';

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

function gaugesOf(status: InstallationStatus): Registry {
  const { redis, findings } = status;
  const registry = new Registry();
  addQueues(registry, status);
  addProcesses(registry, status);
  const found = gaugeIn(registry, 'taskwire_findings', 'What `taskwire status` finds, by level', ['level', 'about']);
  for (const level of ['bad', 'warn', 'note']) {
    const those = findings.filter((one) => one.level === level);
    const ofRedis = those.filter(({ about }) => about === 'redis').length;
    found.set({ level, about: 'redis' }, ofRedis);
    found.set({ level, about: 'services' }, those.length - ofRedis);
  }
  const { used_memory_bytes, connected_clients } = redis;
  gaugeIn(registry, 'taskwire_redis_used_memory_bytes', 'Memory that Redis uses').set(used_memory_bytes ?? Number.NaN);
  gaugeIn(registry, 'taskwire_redis_connected_clients', 'Connections to Redis').set(connected_clients ?? Number.NaN);
  return registry;
}

function gaugeIn<T extends string>(registry: Registry, name: string, help: string, labelNames: readonly T[] = []) {
  return new Gauge({ name, help, labelNames, registers: [registry] });
}

function addQueues(registry: Registry, { queues, services }: InstallationStatus): void {
  const gauge = (name: string, help: string) => gaugeIn(registry, `taskwire_queue_${name}`, help, ['queue']);
  const states = 'Tasks of a queue by state; finished ones while they are kept';
  const tasks = gaugeIn(registry, 'taskwire_queue_tasks', states, ['queue', 'state']);
  const oldest = gauge('oldest_waiting_seconds', 'Age of the oldest waiting task; 0 if none');
  const paused = gauge('paused', 'Whether a queue is paused');
  const consumers = gauge('consumers', 'Workers that take tasks from a queue');
  for (const { name: queue, ...one } of queues) {
    for (const state of ['waiting', 'active', 'delayed', 'completed', 'failed'] as const) {
      tasks.set({ queue, state }, one[state]);
    }
    oldest.set({ queue }, (one.oldest_waiting_ms ?? 0) / 1000);
    paused.set({ queue }, one.paused ? 1 : 0);
    const takes = ({ state, queues }: ServiceStatus) => state === 'consuming' && queues.includes(queue);
    consumers.set({ queue }, services.filter(takes).length);
  }
}

function addProcesses(registry: Registry, { at, services }: InstallationStatus): void {
  // Not `instance`, which is Prometheus' own name for what it asks.
  const labelNames = ['service', 'process'] as const;
  const gauge = (name: string, help: string) => gaugeIn(registry, `taskwire_service_${name}`, help, labelNames);
  const processes = gaugeIn(registry, 'taskwire_services', 'Processes by service and state', ['service', 'state']);
  const lag = gauge('lag_seconds', 'How long the trip from Redis into a process takes');
  const beaten = gauge('heartbeat_age_seconds', 'Time since its last heartbeat');
  const running = gauge('running_tasks', 'Tasks that a worker runs');
  const places = gauge('places', 'Tasks that a worker may run at a time');
  const memory = gauge('memory_bytes', 'Memory of a process');
  const name = 'taskwire_service_cpu_seconds_total';
  const cpu = new Counter({ name, help: 'CPU time of a process', labelNames, registers: [registry] });
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
  const leading = services.filter(({ leader, state }) => leader === true && state === 'consuming').length;
  gaugeIn(registry, 'taskwire_leaders', 'Processors that lead: 1 if all is well').set(leading);
}
