import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/** Statements that only a module may have. */
const MODULE_SYNTAX = /^\s*(?:import|export)(?:\s+[\w$]|\s*[{*'"])/m;

let prepared = false;

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
        if (specifier !== 'zod') throw error;
        return zod;
      }
    },
    load(url, context, nextLoad) {
      const isOpen = !context.format?.startsWith('module') && /^file:(?!.*\/node_modules\/).*\.[jt]s$/.test(url);
      if (!isOpen || !MODULE_SYNTAX.test(readFileSync(new URL(url), 'utf8'))) return nextLoad(url, context);
      return nextLoad(url, { ...context, format: url.endsWith('.ts') ? 'module-typescript' : 'module' });
    },
  });
}
