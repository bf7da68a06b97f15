import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const script = fileURLToPath(new URL('many-rows.ts', import.meta.url));

// Held in memory, ten million rows would take more than a gigabyte.
test.each([
  { rows: 10_000_000, format: 'parquet', limitMb: 400, by: 'the engine' },
  { rows: 1_000_000, format: '', limitMb: 500, by: 'us, on top of 200 MB for the engine' },
])(
  '$rows rows to a file take less than $limitMb MB, written by $by',
  async ({ rows, format, limitMb }) => {
    const directory = await mkdtemp(join(tmpdir(), 'sql-memory-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const child = fork(script, [directory, String(rows), format]);
    const [told] = (await once(child, 'message')) as [{ rows: number; peakMb: number }];
    await once(child, 'exit');
    expect(told.rows).toBe(rows);
    expect(told.peakMb).toBeLessThan(limitMb);
  },
  120_000,
);
