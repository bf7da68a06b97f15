import { measureBacklog } from './backlog.ts';
import { measureBurst, measureBurstWithAof } from './burst.ts';
import { measureExports } from './exports.ts';
import { measureFiles } from './files.ts';
import { measureHttp } from './http.ts';
import { measureLatency } from './latency.ts';
import { measureRest } from './rest.ts';

/** In the order of the page. */
export const parts = {
  burst: measureBurst,
  latency: measureLatency,
  aof: measureBurstWithAof,
  backlog: measureBacklog,
  files: measureFiles,
  http: measureHttp,
  exports: measureExports,
  rest: measureRest,
};

export type PartName = keyof typeof parts;
export type Figures = { [Name in PartName]: Awaited<ReturnType<(typeof parts)[Name]>> };
