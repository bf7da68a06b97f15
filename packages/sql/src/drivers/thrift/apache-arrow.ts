import { createRequire } from 'node:module';

type Library = typeof import('apache-arrow', { with: { 'resolution-mode': 'require' }});

/** Loaded as CommonJS: only that way its declarations are found, and it is the copy that `@databricks/sql` has loaded. */
export const arrow: Library = createRequire(import.meta.url)('apache-arrow');

export type Data = InstanceType<Library['Data']>;
export type Field = InstanceType<Library['Field']>;
export type RecordBatch = InstanceType<Library['RecordBatch']>;
