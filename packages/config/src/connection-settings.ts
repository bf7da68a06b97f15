import { nodeAt, takesOf } from './schema-node.ts';
import { configNode } from './settings.ts';

/** The fields that a connection of one driver may have. */
export interface DriverSettings {
  driver: string;
  fields: readonly ConnectionField[];
}

export interface ConnectionField {
  name: string;
  /** What it takes, in words: `a whole number from 1 to 65535`. */
  takes: string;
  required: boolean;
  default?: unknown;
  description: string;
}

const CONNECTION = ['sql', 'connections', 'any'];

/** The fields of a connection of `sql.connections`, for each driver. */
export const connectionSettings: readonly DriverSettings[] = drivers().map((driver) => {
  const raw = { sql: { connections: { any: { driver } } } };
  const { properties = {}, required = [] } = nodeAt(configNode, CONNECTION, raw);
  const fields = Object.entries(properties).filter(([name]) => name !== 'driver');
  return {
    driver,
    fields: fields.map(([name, field]) => ({
      name,
      takes: takesOf(field),
      required: required.includes(name),
      ...(field.default !== undefined && { default: field.default }),
      description: field.description ?? '',
    })),
  };
});

function drivers(): readonly string[] {
  return nodeAt(configNode, [...CONNECTION, 'driver'], undefined).enum ?? [];
}
