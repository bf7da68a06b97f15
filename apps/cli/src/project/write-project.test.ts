import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { writeProject } from './write-project.ts';

function newFolder(name: string): string {
  const parent = mkdtempSync(join(tmpdir(), 'taskwire-init-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  return join(parent, name);
}

test('writes a project into a folder that it makes, under its name and with this version of taskwire', () => {
  const folder = newFolder('Letters & more');
  const { written, kept } = writeProject(folder);
  expect(kept).toEqual([]);
  expect(written).toEqual(expect.arrayContaining(['.gitignore', '.vscode/tasks.json', 'tasks/hello.ts', 'README.md']));
  const { name, dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const { version } = manifest;
  expect({ name, ...dependencies }).toEqual({
    name: 'letters-more',
    taskwire: version,
    '@taskwire/tasks': version,
    zod: manifest.dependencies.zod,
  });
});

test('never writes over a file', () => {
  const folder = newFolder('mine');
  mkdirSync(folder);
  writeFileSync(join(folder, 'config.json'), 'mine');
  const { written, kept } = writeProject(folder);
  expect(kept).toEqual(['config.json']);
  expect(written).not.toContain('config.json');
  expect(readFileSync(join(folder, 'config.json'), 'utf8')).toBe('mine');
  expect(writeProject(folder)).toEqual({ written: [], kept: expect.arrayContaining([...written, 'config.json']) });
});

test('a project is never called like a package that it depends on', () => {
  const folder = newFolder('taskwire');
  writeProject(folder);
  expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name).toBe('my-tasks');
});
