import { createRequire } from 'node:module';

/**
 * The decoder of @duckdb/node-api takes a U+FEFF at the beginning of each text for a mark of the encoding, and drops it. It
 * is replaced by one that keeps it. A test sees when a later version decodes in some other way.
 */
const texts = createRequire(import.meta.url)('@duckdb/node-api/lib/vectors/dataAccessors.js') as {
  textDecoder: InstanceType<typeof TextDecoder>;
};
texts.textDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
