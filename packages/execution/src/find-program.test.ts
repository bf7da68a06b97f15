import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findProgram } from './find-program.ts';

function find(...command: [string, ...string[]]) {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-tasks-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(join(folder, 'plain.sh'), '#!/bin/sh\n', { mode: 0o644 });
  const program = { file: join(folder, 'mine.task.json'), folder, processes: 1, mode: 'simple' } as const;
  return { folder, found: () => findProgram({ ...program, command }).command };
}

test('a program is a file of the folder, or one on PATH', () => {
  const own = find('run.sh', 'a');
  expect(own.found()).toEqual([join(own.folder, 'run.sh'), 'a']);
  expect(find('sh', 'plain.sh').found()).toEqual(['sh', 'plain.sh']);
});

test.each([
  [['./absent.sh'], /there is no file .*absent\.sh/],
  [['python-of-nobody', 'run.sh'], /there is no program "python-of-nobody" on PATH/],
  [['sh', 'absent.sh'], /there is no file .*absent\.sh/],
  [['./plain.sh'], /plain\.sh is not executable: chmod \+x /],
])('the program %j is missing, and the error names the file', (command, why) => {
  const { found } = find(...(command as [string]));
  expect(found).toThrow(why);
  expect(found).toThrow(/^Tasks cannot be loaded from .*mine\.task\.json: /);
});
