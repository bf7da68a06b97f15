export type * from './status.ts';
