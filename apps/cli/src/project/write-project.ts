import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { version } from '../version.ts';
import { TEMPLATES } from './templates.ts';

export interface WrittenProject {
  written: string[];
  /** They were there, and are as they were. */
  kept: string[];
}

/** Writes the files of a small project into a folder, which it makes; never over a file that exists. */
export function writeProject(folder: string): WrittenProject {
  const project: WrittenProject = { written: [], kept: [] };
  for (const template of templates()) {
    // npm would not pack it under its own name.
    const file = template === 'gitignore' ? '.gitignore' : template;
    const text = readFileSync(join(TEMPLATES, template), 'utf8')
      .replaceAll('my-tasks', packageName(folder))
      .replaceAll('"VERSION"', `"${version}"`);
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    const isNew = writeNew(join(folder, file), text);
    (isNew ? project.written : project.kept).push(file);
  }
  return project;
}

function templates(): string[] {
  const entries = readdirSync(TEMPLATES, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map(({ parentPath, name }) => relative(TEMPLATES, join(parentPath, name))).sort();
}

/** @returns false if the file exists */
function writeNew(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The name of the folder as npm takes it; not that of a package which the project depends on. */
function packageName(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return ['', 'taskwire', 'zod', 'typescript'].includes(name) ? 'my-tasks' : name;
}
