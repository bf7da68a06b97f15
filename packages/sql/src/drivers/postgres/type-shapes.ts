import type { PostgresConnection } from './connection.ts';

/** A type in the server's catalog. An OID of 0 means none. */
export interface TypeShape {
  oid: number;
  name: string;
  /** `b` base, `c` composite, `d` domain, `e` enum, `r` range, `m` multirange, `p` pseudo. */
  kind: string;
  /** Of the elements of an array. */
  element: number;
  /** Between elements: a comma, but a semicolon for boxes. */
  delimiter: string;
  isArray: boolean;
  /** Of a domain. */
  base: number;
  /** Of a composite. */
  attributes: { name: string; type: number }[];
}

/** A column's type: the OID, and the modifier that holds its length or precision. */
export interface TypeKey {
  oid: number;
  modifier: number;
}

export interface FoundTypes {
  /** As the server writes them, in the order of the keys: `numeric(10,2)`. */
  names: string[];
  /** The types, and all that they are made of. */
  shapes: Map<number, TypeShape>;
}

/** A record array has no category of its own. */
const RECORD_ARRAY = 2287;

const LOOK_UP = `
  with recursive tree(oid) as (
    select unnest($1::oid[])
    union
    select part.oid from tree
      join pg_catalog.pg_type t on t.oid = tree.oid
      cross join lateral (
        select t.typelem union all select t.typbasetype union all
        select a.atttypid from pg_catalog.pg_attribute a
          where a.attrelid = t.typrelid and t.typtype = 'c' and a.attnum > 0 and not a.attisdropped
      ) part(oid)
      where part.oid <> 0
  ), shape as (
    select t.oid::int8 as oid, t.typname::text as name, t.typtype as kind, t.typelem::int8 as element,
      t.typdelim as delimiter, t.typcategory = 'A' or t.oid = ${RECORD_ARRAY} as "isArray", t.typbasetype::int8 as base,
      array(
        select json_build_object('name', a.attname::text, 'type', a.atttypid::int8) from pg_catalog.pg_attribute a
        where a.attrelid = t.typrelid and t.typtype = 'c' and a.attnum > 0 and not a.attisdropped order by a.attnum
      ) as attributes
    from pg_catalog.pg_type t where t.oid in (select oid from tree)
  )
  select (select json_agg(shape) from shape) as shapes, (
    select json_agg(pg_catalog.regexp_replace(pg_catalog.format_type(oid, modifier), '^pg_catalog[.]', '') order by place)
    from unnest($1::oid[], $2::int4[]) with ordinality key(oid, modifier, place)
  ) as names`;

/** Asks the server what types are. Throws as `PostgresConnection.ask`. */
export async function lookUpTypes(connection: PostgresConnection, keys: readonly TypeKey[]): Promise<FoundTypes> {
  const [row] = await connection.ask<{ shapes: TypeShape[] | null; names: string[] }>(LOOK_UP, [
    keys.map(({ oid }) => oid),
    keys.map(({ modifier }) => modifier),
  ]);
  return { names: row?.names ?? [], shapes: new Map((row?.shapes ?? []).map((shape) => [shape.oid, shape])) };
}
