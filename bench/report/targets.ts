import { type Spread, spread } from '../measure/statistics.ts';
import { compared } from './burst-figures.ts';
import { exportSpeed } from './export-figures.ts';
import { spreadText } from './format.ts';
import { httpRatio } from './http-figures.ts';
import type { Results } from './results.ts';

export interface Target {
  aim: string;
  measured: string;
  /** Undefined: not measured. */
  met?: boolean;
}

/**
 * Half of the lone tasks had their result within this time in the best round, before light tasks travelled together: by
 * this bench at commit 03f4a51, on two cores of a Xeon. Runs of the same code differ by 15 %.
 */
const LONE_BEFORE_MS = 1.3;
const LONE_AT_MOST_MS = 1.5;

/** What was set in advance, and whether the median meets it. */
export function targets({ parts: { burst, aof, latency, backlog, http, exports, rest } }: Results): Target[] {
  const [plain, withAof] = [burst, aof].map((part) => part && compared(part.figures));
  const latencies = (perSecond?: number) =>
    latency?.figures
      .find((of) => of.contender === 'taskwire, PUBLISH' && of.perSecond === perSecond)
      ?.rounds.map(({ p50Ms }) => p50Ms);
  const [lone, steady] = [latencies(), latencies(2000)];
  const atRest = rest?.figures.processes.filter(({ name }) => name !== 'redis');
  const sumAtRest = (key: 'memoryBytes' | 'idleCores', unit: number) =>
    atRest && atRest.reduce((sum, process) => sum + process[key], 0) / unit;
  const speed = (format: Parameters<typeof exportSpeed>[1]) => exports && exportSpeed(exports.figures.runs, format);
  const wide = (format: Parameters<typeof exportSpeed>[1]) => exports && exportSpeed(exports.figures.wide, format);
  return [
    atMost(0.5, "CPU per task as a part of BullMQ alone's", plain?.cpu),
    atMost(0.5, 'the same with AOF', withAof?.cpu),
    atLeast(1.5, 'tasks per second in a burst as a multiple of BullMQ alone', plain?.wall),
    atLeast(1.5, 'the same with AOF', withAof?.wall),
    atMost(20, 'p50 at a steady 2,000 tasks a second, ms', steady && spread(steady)),
    atMost(
      LONE_AT_MOST_MS,
      `p50 of a lone task in the best round, ms (before: ${LONE_BEFORE_MS})`,
      lone && Math.min(...lone),
    ),
    atLeast(
      0.5,
      'requests over HTTP as a part of a server that only answers',
      http && httpRatio(http.figures.rounds, 'alone'),
    ),
    atMost(450, 'Redis memory per waiting task, bytes', backlog?.figures.bytesPerTask),
    atLeast(0.9, "speed of exports to Parquet as a part of DuckDB's own", speed('parquet')),
    atLeast(0.9, 'the same to csv', speed('csv')),
    atLeast(0.75, 'the same to ndjson', speed('ndjson')),
    atLeast(0.75, 'the same to json', speed('json')),
    atLeast(0.5, 'the same of 2,000 columns to ndjson', wide('ndjson')),
    atLeast(0.5, 'the same of 2,000 columns to json', wide('json')),
    atMost(400, 'memory at rest without Redis, MiB', sumAtRest('memoryBytes', 2 ** 20)),
    atMost(1, 'CPU at rest without Redis, % of a core', sumAtRest('idleCores', 0.01)),
    atMost(
      1.75,
      'CPU seconds until ready (once: 3.5)',
      rest && spread(rest.figures.starts.map(({ cpuSeconds }) => cpuSeconds)),
    ),
  ];
}

type Figure = Spread | number | undefined;

function atMost(limit: number, aim: string, figure: Figure): Target {
  return judged(`${aim}: at most ${limit}`, figure, (value) => value <= limit);
}

function atLeast(limit: number, aim: string, figure: Figure): Target {
  return judged(`${aim}: at least ${limit}`, figure, (value) => value >= limit);
}

function judged(aim: string, figure: Figure, meets: (value: number) => boolean): Target {
  if (figure === undefined) return { aim, measured: 'not measured' };
  const all = typeof figure === 'number' ? spread([figure]) : figure;
  return { aim, measured: spreadText(all), met: meets(all.median) };
}
