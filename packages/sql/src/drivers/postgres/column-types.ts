import type { FieldDef } from 'pg';
import type { PostgresConnection } from './connection.ts';
import { type FoundTypes, lookUpTypes } from './type-shapes.ts';
import { type Decode, decoderOf } from './values.ts';

export interface ColumnType {
  /** As the server writes it: `numeric(10,2)`. */
  name: string;
  decode: Decode;
  parquetType?: string;
}

/** Types that come with the server have OIDs below this, and stay what they are. */
const isUserType = (oid: number) => oid >= 16_384;

/** The types of columns. Those that come with the server are asked for once. */
export class ColumnTypes {
  readonly #known = new Map<string, ColumnType>();

  /** In the order of the fields. Throws as `PostgresConnection.ask`. */
  async of(connection: PostgresConnection, fields: readonly FieldDef[]): Promise<ColumnType[]> {
    const fieldsByKey = new Map(fields.map((field) => [keyOf(field), field]));
    const missing = [...fieldsByKey].filter(([key]) => !this.#known.has(key));
    // Others are asked for each time: a field may be new, or a name changed.
    const found = new Map(this.#known);
    if (missing.length > 0) {
      const keys = missing.map(([, { dataTypeID, dataTypeModifier }]) => ({
        oid: dataTypeID,
        modifier: dataTypeModifier,
      }));
      const types = await lookUpTypes(connection, keys);
      for (const [index, [key, field]] of missing.entries()) {
        const type = columnType(types, field, index);
        found.set(key, type);
        if (!isUserType(field.dataTypeID)) this.#known.set(key, type);
      }
    }
    return fields.map((field) => found.get(keyOf(field)) as ColumnType);
  }
}

function columnType({ names, shapes }: FoundTypes, { dataTypeID }: FieldDef, index: number): ColumnType {
  return {
    name: names[index] ?? '???',
    decode: decoderOf(dataTypeID, shapes),
    ...(isUserType(dataTypeID) && { parquetType: 'VARCHAR' }),
  };
}

function keyOf({ dataTypeID, dataTypeModifier }: FieldDef): string {
  return `${dataTypeID}:${dataTypeModifier}`;
}
