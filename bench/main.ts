import { execFileSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { celeryVersion } from './contenders/celery.ts';
import { commit, thisMachine } from './measure/machine.ts';
import { type PartName, parts } from './parts/index.ts';
import { section } from './report/page.ts';
import { type Measured, writeResults } from './report/results.ts';
import { NO_CELERY } from './report/sections.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    write: { type: 'boolean', default: false },
  },
});
// As taskwire's services do: it adds BullMQ's jobs, too.
setFlagsFromString('--no-allocation-site-pretenuring');
// So that what it started ends too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

// A result that never comes must not keep it for ever.
setTimeout(() => {
  process.stderr.write('No end after half an hour: something waits for a result that never comes.\n');
  process.exit(1);
}, 1_800_000).unref();

const names = Object.keys(parts) as PartName[];
const chosen = values.only === undefined ? names : names.filter((name) => name === values.only);
const rounds = Number(values.rounds);
if (chosen.length === 0 || !(rounds >= 1)) {
  process.stderr.write(`npm run bench [-- --only ${names.join('|')}] [--rounds 5] [--write]\n`);
  process.exit(2);
}

const celery = await celeryVersion();
if (celery === undefined) process.stderr.write(`\n!!! ${NO_CELERY}\n\n`);
const machine = thisMachine(celery);
const measured: Record<string, object> = {};
const [version, startedAt] = [commit(), performance.now()];
for (const name of chosen) {
  const [at, loadBefore, start] = [new Date().toISOString(), loadavg()[0], performance.now()];
  const figures = await parts[name]({ rounds });
  const seconds = Math.round((performance.now() - start) / 1000);
  measured[name] = { at, commit: version, rounds, seconds, loadBefore, loadAfter: loadavg()[0], figures };
  console.log(section(name, { machine, parts: measured as Measured }));
}
console.log(`${Math.round((performance.now() - startedAt) / 1000)} s in all`);
if (values.only === undefined || values.write) {
  writeResults({ machine, parts: measured as Measured });
  execFileSync(process.execPath, ['scripts/generate.ts'], { stdio: 'inherit' });
}
process.exit(0);
