import type { Config } from '@taskwire/config';
import { publishCommand } from '@taskwire/redis';
import { catalogueOf, type TaskRegistry } from '@taskwire/tasks';

/** A task type as the page shows it. */
export type CatalogueEntry = ReturnType<typeof taskCatalogue>[number];

/** Each with the command that publishes its example. */
export function taskCatalogue(registry: TaskRegistry, config: Config) {
  return catalogueOf(registry).map((entry) => ({ ...entry, command: publishCommand(config.redis, entry.example) }));
}
