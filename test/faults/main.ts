import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import type { Way } from './core/ledger.ts';
import { type Row, runScenario } from './core/scenario.ts';
import { lineOf, tableOf, updated } from './core/table.ts';
import { scenarios } from './scenarios/index.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    soak: { type: 'boolean', default: false },
    only: { type: 'string' },
    ways: { type: 'string' },
    out: { type: 'string', default: '.data/faults.md' },
    into: { type: 'string' },
  },
});
// So that what it started ends too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const only = new RegExp(values.only ?? '');
const chosen = scenarios
  .filter(({ soak = false }) => soak === values.soak)
  .filter(({ quick = false }) => quick || !values.quick)
  .filter(({ name }) => only.test(name));

/** The short form is for every change, also on a slow machine: what must never be lost is counted, and time is not. */
const patient = { recoveryMs: 60_000, lossMs: { id: 60_000, 'no id': 60_000 } };

const rows: Row[] = [];
const startedAt = Date.now();
mkdirSync(dirname(values.out), { recursive: true });
for (const scenario of chosen) {
  const limits = { ...scenario.limits, ...(values.quick && patient) };
  const row = await runScenario({ ...scenario, limits }, values.ways?.split(',') as Way[] | undefined);
  rows.push(row);
  process.stdout.write(lineOf(row));
  writeFileSync(values.out, tableOf(rows));
  if (values.into === undefined) continue;
  const names = scenarios.map(({ name }) => name);
  writeFileSync(values.into, updated(readFileSync(values.into, 'utf8'), rows, names));
}
const broken = rows.filter((row) => row.broken.length > 0);
const minutes = ((Date.now() - startedAt) / 60_000).toFixed(1);
process.stdout.write(
  `\n${tableOf(rows)}\n${rows.length} scenarios in ${minutes} minutes, ${broken.length} broke a limit.\n`,
);
process.exit(broken.length > 0 ? 1 : 0);
