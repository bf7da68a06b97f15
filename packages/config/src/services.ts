import type { Config } from './schema.ts';

export interface ServiceEntry<Name = ServiceName> {
  /** Also the name of its folder below `apps`, whose `src/main.ts` is the package's export `@taskwire/<name>/main`. */
  name: Name;
  /** Its section of the configuration. It may have `health_port`, and `enabled`. */
  section: keyof Config;
  /** The queues whose tasks it runs; `others` are those that no service names. Default: none. */
  queues?: readonly string[] | 'others';
  /** Whether it takes submissions, and so stops before the others. */
  intake?: true;
  /** Whether the others run without it if it does not start. */
  optional?: true;
}

const entries = [
  { name: 'processor', section: 'processor', intake: true },
  { name: 'worker', section: 'worker', queues: 'others' },
  { name: 'sql-worker', section: 'sql_worker', queues: ['sql'] },
  { name: 'web', section: 'web', optional: true },
] as const satisfies readonly ServiceEntry<string>[];

export type ServiceName = (typeof entries)[number]['name'];

/**
 * The services of an installation, each in its own process. Supervisor, health ports and status follow from this list, and
 * tests check compose file, image and VS Code tasks against it: a new service is an entry here, its settings and its app.
 */
export const services: readonly ServiceEntry[] = entries;

function serviceNamed(name: ServiceName): ServiceEntry {
  return services.find((service) => service.name === name) as ServiceEntry;
}

/** The queues whose tasks a service runs. @param all every queue of the registry */
export function queuesOf(name: ServiceName, all: readonly string[]): readonly string[] {
  const { queues = [] } = serviceNamed(name);
  if (queues !== 'others') return queues;
  const named = services.flatMap((service) => (service.queues === 'others' ? [] : (service.queues ?? [])));
  return all.filter((queue) => !named.includes(queue));
}

/** Whether a supervisor runs it, and its port for health and metrics, if any. */
export function serviceSettings(config: Config, name: ServiceName) {
  const { section } = serviceNamed(name);
  const { enabled = true, health_port } = config[section] as { enabled?: boolean; health_port?: number };
  return { section, enabled, healthPort: health_port };
}
