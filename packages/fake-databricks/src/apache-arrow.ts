import { createRequire } from 'node:module';

type Library = typeof import('apache-arrow', { with: { 'resolution-mode': 'require' }});

/** Apache Arrow, the same copy that the driver uses. Loaded as CommonJS, because only so its declarations are found. */
export const arrow: Library = createRequire(import.meta.url)('apache-arrow');

export type Data = InstanceType<Library['Data']>;
export type DataType = InstanceType<Library['DataType']>;
export type Field = InstanceType<Library['Field']>;
export type RecordBatch = InstanceType<Library['RecordBatch']>;
export type Schema = InstanceType<Library['Schema']>;
export type Struct = InstanceType<Library['Struct']>;
export type Utf8 = InstanceType<Library['Utf8']>;
