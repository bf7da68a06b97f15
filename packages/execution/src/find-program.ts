import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Program, TaskFolderError } from '@taskwire/tasks';

/** What an interpreter is given. */
const SCRIPT = /\.(?:py|sh|bash|js|mjs|cjs|ts|rb|pl|php|r|jar|lua)$/i;

/**
 * The program with the path of its file, if that is in the folder of the task.
 *
 * @throws TaskFolderError: found at start, not when the first task arrives.
 */
export function findProgram(program: Program): Program {
  const [name, ...words] = program.command;
  const [script = ''] = words;
  if (SCRIPT.test(script) && !existsSync(resolve(program.folder, script)))
    throw new TaskFolderError(program.file, `there is no file ${resolve(program.folder, script)} (command)`);
  const path = resolve(program.folder, name);
  if (!name.includes('/') && !existsSync(path)) {
    if (spawnSync('sh', ['-c', 'command -v "$0"', name]).status === 0) return program;
    throw new TaskFolderError(program.file, `there is no program "${name}" on PATH (command)`);
  }
  if (!existsSync(path)) throw new TaskFolderError(program.file, `there is no file ${path} (command)`);
  try {
    accessSync(path, constants.X_OK);
  } catch {
    throw new TaskFolderError(program.file, `${path} is not executable: chmod +x ${path}`);
  }
  return { ...program, command: [path, ...words] };
}
