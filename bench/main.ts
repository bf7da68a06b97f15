import { startPrivateRedis, startStack } from '@taskwire/testing';
import { startBullmqAlone } from './bullmq-alone.ts';
import { measureInbox } from './inbox.ts';
import { exported, RESULT_FORMATS } from './sql-export.ts';
import { median, quantile, ratios } from './statistics.ts';
import { Publisher } from './taskwire.ts';

const BURST = 20_000;
const ROUNDS = 5;
const LONE_TASKS = 500;

await using redis = await startPrivateRedis();
// Like BullMQ's own figures: disk writes would hide the difference.
await redis.command('CONFIG', 'SET', 'appendonly', 'no');
await using stack = await startStack({
  redisUrl: redis.url,
  services: ['processor', 'worker'],
  processes: ['processor', 'worker'],
});
// It reads every event and result, which costs as much as a worker.
await stack.recorder[Symbol.asyncDispose]();
using bullmq = await startBullmqAlone(redis.url, stack.config.worker.concurrency);
using publisher = await Publisher.start(redis.url, stack.config);

const contenders = {
  'taskwire, from PUBLISH to result': (count: number) => publisher.burst(count, 'PUBLISH'),
  'taskwire, from XADD to result': (count: number) => publisher.burst(count, 'XADD'),
  'BullMQ alone, one process adds and works': (count: number) => bullmq.burst(count, 'same process'),
  'BullMQ alone, one process adds, one works': (count: number) => bullmq.burst(count, 'another process'),
};

const rates = Object.keys(contenders).map((): number[] => []);
for (let round = 0; round <= ROUNDS; round += 1) {
  for (const [index, burst] of Object.values(contenders).entries()) {
    const start = performance.now();
    await burst(BURST);
    const rate = BURST / ((performance.now() - start) / 1000);
    // The first round warms up.
    if (round > 0) rates[index]?.push(rate);
  }
}

console.log(`Burst of ${BURST} reverse_string tasks; median of ${ROUNDS} rounds after a warm-up, Redis without disk`);
const [own] = rates as [number[]];
for (const [index, name] of Object.keys(contenders).entries()) {
  const series = rates[index] as number[];
  const ratio = series === own ? '' : `   taskwire's ratio to it: ${ratios(own, series)}`;
  console.log(`  ${name.padEnd(42)} ${String(Math.round(median(series))).padStart(6)} per s${ratio}`);
}

console.log(`A lone task, to its result; ${LONE_TASKS} times, one after the other`);
for (const way of ['PUBLISH', 'XADD'] as const) {
  const times: number[] = [];
  for (let index = 0; index < LONE_TASKS; index += 1) times.push(await publisher.loneTask(index, way));
  console.log(
    `  from ${way}: median ${quantile(times, 0.5).toFixed(2)} ms, p99 ${quantile(times, 0.99).toFixed(2)} ms`,
  );
}

const { python, shell, fileToAccepted, publishToAccepted, burst } = await measureInbox(redis.url);
const written = ({ inboxMs, plainMs }: typeof python) =>
  `${median(inboxMs).toFixed(3)} ms, as a ratio of the same bytes to a plain folder: ${ratios(inboxMs, plainMs)}`;
const accepted = (times: readonly number[]) =>
  `median ${median(times).toFixed(2)} ms, p99 ${quantile(times, 0.99).toFixed(2)} ms`;
console.log('The inbox: requests as files');
console.log(`  writing one from Python: ${written(python)}; from a shell: ${written(shell)}`);
const ratio = (median(fileToAccepted) / median(publishToAccepted)).toFixed(2);
const published = accepted(publishToAccepted);
console.log(`  from its rename to accepted: ${accepted(fileToAccepted)}; from PUBLISH: ${published}; ratio ${ratio}`);
console.log(`  ${burst.files} dropped at once are all accepted after ${(burst.ms / 1000).toFixed(2)} s`);

const EXPORT_ROWS = 1_000_000;
const MANY_ROWS = 10_000_000;
const EXPORT_ROUNDS = 3;

console.log(`${EXPORT_ROWS} rows of four columns to a file; median of ${EXPORT_ROUNDS} rounds`);
for (const format of RESULT_FORMATS) {
  const runs = [];
  for (let round = 0; round < EXPORT_ROUNDS; round += 1) runs.push(await exported({ rows: EXPORT_ROWS, format }));
  const [ours, engine] = [runs.map(({ oursMs }) => oursMs), runs.map(({ engineMs }) => engineMs)];
  const ratio = ratios(engine, ours);
  console.log(
    `  ${format.padEnd(8)} ${Math.round(median(ours))} ms   speed as a ratio of DuckDB's own export: ${ratio}`,
  );
}
const many = await exported({ rows: MANY_ROWS, format: 'parquet' });
const peak = Math.round(many.peakBytes / 1e6);
console.log(`${MANY_ROWS} rows to Parquet: ${Math.round(many.oursMs)} ms, at most ${peak} MB of memory in the process`);
