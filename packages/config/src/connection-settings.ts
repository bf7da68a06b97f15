import { nodeAt, takesOf } from './schema-node.ts';
import { configNode, type Setting } from './settings.ts';

/** The fields that a connection of one driver may have. */
export interface DriverSettings {
  driver: string;
  fields: readonly ConnectionField[];
}

export interface ConnectionField extends Pick<Setting, 'takes' | 'default' | 'description'> {
  name: string;
  required: boolean;
}

const CONNECTION = ['sql', 'connections', 'any'];

const drivers = nodeAt(configNode, [...CONNECTION, 'driver'], undefined).enum ?? [];

/** The fields of a connection of `sql.connections`, for each driver. */
export const connectionSettings: readonly DriverSettings[] = drivers.map((driver) => {
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
