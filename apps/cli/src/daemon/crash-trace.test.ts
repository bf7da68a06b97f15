import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeOverErrors } from './crash-trace.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'taskwire-crash-'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

const config = () => ({ level: 'info', directory, max_file_bytes: 1000, keep_files: 1 }) as const;

test.each(["throw new Error('unforeseen')", "void Promise.reject(new Error('unforeseen'))"])(
  'logs an unexpected error: %s',
  (code) => {
    const module = JSON.stringify(new URL('crash-trace.ts', import.meta.url).href);
    const program = `import { dieIntoLog } from ${module}; dieIntoLog(${JSON.stringify(config())}); ${code}`;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program]);
    expect({ status, stderr: String(stderr) }).toEqual({ status: 1, stderr: '' });
    const line = JSON.parse(readFileSync(join(directory, 'taskwire.log'), 'utf8'));
    expect(line).toMatchObject({ level: 'fatal', service: 'taskwire', err: { message: 'unforeseen' } });
    expect(line.err.stack).toContain('eval');
  },
);

test('the next start moves what was written past the log into it, once', () => {
  writeFileSync(join(directory, 'taskwire.err'), 'FATAL ERROR: out of memory\n at nowhere\n');
  const said: string[] = [];
  const log = { attach: () => undefined, say: (message: string) => said.push(message) };
  takeOverErrors(config(), log);
  takeOverErrors(config(), log);
  expect(said).toEqual([expect.stringContaining('FATAL ERROR: out of memory\n at nowhere')]);
});
