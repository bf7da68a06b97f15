import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Statements that only a module may have. */
const MODULE_SYNTAX = /^\s*(?:import|export)(?:\s+[\w$]|\s*[{*'"])/m;

let prepared = false;
let tell: (file: string) => void = () => undefined;

/**
 * Tells, of each file that is loaded for the tasks of this process, its path: task files and what they import, but not what is in
 * node_modules; also files that are missing. Another call replaces the listener.
 */
export function onTaskFile(listener: (file: string) => void): void {
  tell = listener;
}

/** For what loads files that Node does not load. */
export function usesFile(file: string): void {
  tell(file);
}

/**
 * A task file may be anywhere. It gets this `@taskwire/tasks`, also beside a copy of its own, whose errors and checkpoints we would not
 * know; zod too if it finds none. It may be a module also beneath a package.json with `"type": "commonjs"`, as npm writes it, or without a
 * type, of which Node would warn.
 */
export function prepareForTaskFiles(): void {
  if (prepared) return;
  prepared = true;
  const tasks = { url: import.meta.resolve('@taskwire/tasks'), shortCircuit: true };
  const zod = { url: import.meta.resolve('zod'), shortCircuit: true };
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (specifier === '@taskwire/tasks') return tasks;
      try {
        return nextResolve(specifier, context);
      } catch (error) {
        if (specifier === 'zod') return zod;
        if (isPath(specifier) && context.parentURL?.startsWith('file:'))
          usesFile(fileURLToPath(new URL(specifier, context.parentURL)));
        throw error;
      }
    },
    load(url, context, nextLoad) {
      if (/^file:(?!.*\/node_modules\/)/.test(url)) usesFile(fileURLToPath(url));
      const isOpen = !context.format?.startsWith('module') && /^file:(?!.*\/node_modules\/).*\.[jt]s$/.test(url);
      if (!isOpen || !MODULE_SYNTAX.test(readFileSync(new URL(url), 'utf8'))) return nextLoad(url, context);
      return nextLoad(url, { ...context, format: url.endsWith('.ts') ? 'module-typescript' : 'module' });
    },
  });
}

/** Relative, as those of a project's own files. */
function isPath(specifier: string): boolean {
  return /^\.{1,2}\//.test(specifier);
}
