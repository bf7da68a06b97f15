import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('loads the library of an engine only when a connection of its kind is opened', async () => {
  const script = `
    import { openDriver } from '@taskwire/sql';
    const isLoaded = () => process.report.getReport().sharedObjects.some((name) => name.includes('duckdb'));
    const before = isLoaded();
    await openDriver({ driver: 'duckdb', dataDirectory: 'data', memoryLimitMb: 64, threads: 1 });
    console.log(before, isLoaded());`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
  });
  expect(stdout).toBe('false true\n');
});
