import { PROCESSES } from '../contenders/contender.ts';
import { median } from '../measure/statistics.ts';
import type { BurstOf } from '../parts/burst.ts';
import type { Figures, PartName } from '../parts/index.ts';
import type { Exported } from '../sql-export.ts';
import { compared, medianCpuUs, totalCpuUs } from './burst-figures.ts';
import { exportSpeed } from './export-figures.ts';
import { digits, percent, spreadOf, spreadText, table } from './format.ts';
import { httpRatio } from './http-figures.ts';
import { limit } from './limit.ts';
import type { Results } from './results.ts';

export const NO_CELERY =
  'Celery is not installed on this machine, so nothing is compared with it. To install it: npm run setup -- --bench';

/** What the page says of each part. Figures are medians, with the least and the most in parentheses. */
export const sections: { [Name in PartName]: (figures: Figures[Name], results: Results) => string } = {
  burst: (bursts, results) => `## A burst

Many \`reverse_string\` tasks at once, from the first PUBLISH to the last result; Celery gets fewer of them, since they take it as
long. The contenders take turns in each round; Redis writes nothing to its disk.${results.machine.celery ? '' : ` **${NO_CELERY}**`}

### CPU per task

This decides: on a busy machine wall times swing by far more. In µs, by process; *publisher* is the program that asks and hears the
results, or that adds the jobs. BullMQ in one process adds its jobs in the worker.

![CPU per task by process](images/performance-cpu.svg)

${table(
  ['', 'tasks', 'all', ...PROCESSES],
  bursts.map((burst) => [
    burst.contender,
    burst.tasks.toLocaleString('en'),
    spreadOf(burst.rounds, totalCpuUs),
    ...PROCESSES.map((process) =>
      process in (burst.rounds[0]?.cpuUs ?? {}) ? digits(medianCpuUs(burst, process)) : '',
    ),
  ]),
)}

taskwire uses ${spreadText(compared(bursts).cpu)} of the CPU of BullMQ alone: in each round compared with the one of BullMQ's two ways that used less.

### Tasks per second

![Tasks per second](images/performance-burst.svg)

${ratesOf(bursts)}

### What Redis has to do

Per task. *Commands* counts those inside scripts, too.

${table(
  ['', 'commands', 'script calls', 'bytes in', 'bytes out'],
  bursts.map(({ contender, rounds }) => [
    contender,
    ...(['commands', 'scripts', 'bytesIn', 'bytesOut'] as const).map((key) =>
      digits(median(rounds.map((round) => round[key]))),
    ),
  ]),
)}

${limit(bursts, results.machine.cores)}`,

  latency: (latencies) => `## Latency

From sending a task to hearing its result, in ms. *Alone* is one task after the other; the others are sent at a steady rate, whatever
comes back. BullMQ adds each job by itself and hears of its end in the same process. Celery is not asked for 2,000 a second.

![Latency, p50 and p99](images/performance-latency.svg)

${table(
  ['', 'p50', 'p99'],
  latencies.map(({ contender, perSecond, rounds }) => [
    `${contender}, ${perSecond === undefined ? 'alone' : `${perSecond.toLocaleString('en')}/s`}`,
    spreadOf(rounds, ({ p50Ms }) => p50Ms),
    spreadOf(rounds, ({ p99Ms }) => p99Ms),
  ]),
)}`,

  aof: (bursts) => `## The same burst with AOF

Redis writes to its disk once a second (\`appendfsync everysec\`), as the one does that taskwire starts.

${ratesOf(bursts)}

${table(
  ['CPU per task, µs', 'all', 'redis'],
  bursts.map((burst) => [burst.contender, spreadOf(burst.rounds, totalCpuUs), digits(medianCpuUs(burst, 'redis'))]),
)}

taskwire uses ${spreadText(compared(bursts).cpu)} of the CPU of BullMQ alone.`,

  backlog: ({
    tasks,
    bytesPerTask,
    bullmqBytesPerTask,
    takenInPerSecond,
    drainPerSecond: { start, end, all },
  }) => `## A backlog

${tasks.toLocaleString('en')} tasks come in by XADD while no worker runs; then one starts.

${table(
  ['', ''],
  [
    ['Redis memory per waiting task, bytes', digits(bytesPerTask)],
    ['of BullMQ alone, per waiting job', digits(bullmqBytesPerTask)],
    ['taken in, per second', digits(takenInPerSecond)],
    ['drained per second, the first tenth', digits(start)],
    ['the last tenth', digits(end)],
    ['all', digits(all)],
  ],
)}

A job of BullMQ alone has no user, no record of its id and no request to keep.`,

  files: ({ lone, burst }) => `## Requests as files

From the rename of a file to its result on the channel, one after the other: p50 ${digits(lone.p50Ms)} ms, p99 ${digits(lone.p99Ms)} ms. Of ${burst.files.toLocaleString('en')} files
that are dropped at once, ${digits(burst.perSecond)} a second have their result.`,

  http: ({ connections, rounds, streams }) => `## HTTP

Single requests to submit a task, over ${connections} connections that each wait for their answer, against a Fastify server that only answers 202, and
against PUBLISH. No worker runs. *CPU* is that of the process that takes them, in µs for each.

${table(
  ['', 'per second', 'CPU'],
  (['alone', 'http', 'publish'] as const).map((way) => [
    { alone: 'Fastify alone', http: 'POST /api/v1/tasks', publish: 'PUBLISH' }[way],
    spreadOf(rounds, (round) => round[way].perSecond),
    spreadOf(rounds, (round) => round[way].cpuUs),
  ]),
)}

HTTP takes ${spreadText(httpRatio(rounds, 'alone'))} as many requests as Fastify alone, and ${spreadText(httpRatio(rounds, 'publish'))} as many tasks as PUBLISH.
${streams.count.toLocaleString('en')} streams of events are open within ${digits(streams.openMs / 1000)} s, take ${digits(streams.bytesPerStream / 1024)} KiB each and ${percent(streams.idleCores)} of a core, and all have the
result ${digits(streams.toldMs)} ms after the task was cancelled.`,

  exports: (figures) => `## SQL results to files

${figures.rows.toLocaleString('en')} rows of four columns from DuckDB, and ten rows of 2,000 columns. *Speed* is what DuckDB's own export of the same rows takes, as a ratio: of CPU time, and
by the clock. Each has one thread.

${table(['', 'ms', 'CPU ms', 'speed', 'by the clock'], [...rowsOf(figures.runs, ''), ...rowsOf(figures.wide, ', 2,000 columns')])}

${figures.large.rows.toLocaleString('en')} rows to Parquet take ${digits(figures.large.oursMs / 1000)} s, and the process at most ${digits(figures.large.peakBytes / 1e6)} MB of memory.`,

  rest: ({ firstStart, starts, librariesCpuSeconds, memoryKind, idleSeconds, processes }) => `## Start and rest

A whole \`taskwire start\` whose Redis runs already, until it is ready:

${table(
  ['', 'CPU seconds', 'seconds'],
  [
    ['the first start, which compiles', digits(firstStart.cpuSeconds), digits(firstStart.seconds)],
    ['later ones', spreadOf(starts, ({ cpuSeconds }) => cpuSeconds), spreadOf(starts, ({ seconds }) => seconds)],
    ['five processes that only load the same libraries', spreadOf(librariesCpuSeconds, (seconds) => seconds), ''],
  ],
)}

At rest, ${idleSeconds} s of it. Memory is ${memoryKind}${memoryKind === 'PSS' ? ', which counts shared pages by share' : ''}.

${table(
  ['', 'MiB', 'of a core'],
  processes.map(({ name, memoryBytes, idleCores }) => [name, digits(memoryBytes / 2 ** 20), percent(idleCores)]),
)}`,
};

function rowsOf(runs: readonly Exported[], what: string): string[][] {
  return [...new Set(runs.map(({ format }) => format))].map((format) => {
    const ofFormat = runs.filter((run) => run.format === format);
    const times = [spreadOf(ofFormat, ({ oursMs }) => oursMs), spreadOf(ofFormat, ({ oursCpuMs }) => oursCpuMs)];
    const speeds = [spreadText(exportSpeed(runs, format)), spreadText(exportSpeed(runs, format, 'Ms'))];
    return [`${format}${what}`, ...times, ...speeds];
  });
}

function ratesOf(bursts: readonly BurstOf[]): string {
  const rates = table(
    ['', 'tasks per second'],
    bursts.map(({ contender, rounds }) => [contender, spreadOf(rounds, ({ perSecond }) => perSecond)]),
  );
  const ratio = (contender: 'taskwire, PUBLISH' | 'taskwire, XADD') => spreadText(compared(bursts, contender).wall);
  return `${rates}

taskwire takes ${ratio('taskwire, PUBLISH')} times as many tasks a second as BullMQ alone from PUBLISH, ${ratio('taskwire, XADD')} times from XADD: in each
round compared with the faster one of BullMQ's two ways.`;
}
