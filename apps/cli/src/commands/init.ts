import { resolve } from 'node:path';
import { Command } from 'commander';
import { UsageError } from '../command-error.ts';
import { print } from '../output/print.ts';
import { visible } from '../output/terminal-text.ts';
import { writeProject } from '../project/write-project.ts';

export function initCommand(): Command {
  return new Command('init')
    .description('write a small project with a task of your own; files that exist stay as they are')
    .argument('[folder]', 'made if it is not there', '.')
    .action(init);
}

function init(name: string): void {
  const folder = resolve(name);
  const { written, kept } = projectIn(folder);
  print(`In ${visible(folder)}`);
  for (const file of written) print(`  wrote ${file}`);
  for (const file of kept) print(`  kept  ${file}, which was there`);
  print('\nNext:');
  if (folder !== process.cwd()) print(`  cd ${/^[\w./-]+$/.test(name) ? name : JSON.stringify(visible(name))}`);
  print(`  npm install${kept.includes('package.json') ? ' taskwire @taskwire/tasks zod' : ''}`);
  print('  npx taskwire setup     # installs Redis, if none is there');
  print('  npm start');
  print('and, in another terminal:');
  print('  npx taskwire run hello name=Ada');
}

function projectIn(folder: string) {
  try {
    return writeProject(folder);
  } catch (error) {
    throw new UsageError(`The project cannot be written to ${folder}: ${(error as Error).message}.`);
  }
}
