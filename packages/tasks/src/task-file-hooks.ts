import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/** Statements that only a module may have. */
const MODULE_SYNTAX = /^\s*(?:import|export)(?:\s+[\w$]|\s*[{*'"])/m;

let prepared = false;

/**
 * A task file may be anywhere, also without node_modules: then our packages that it imports come from here. It may be a module also
 * beneath a package.json with `"type": "commonjs"`, as npm writes it, or without a type, of which Node would warn.
 */
export function prepareForTaskFiles(): void {
  if (prepared) return;
  prepared = true;
  const ours = new Map(['@taskwire/tasks', 'zod'].map((name) => [name, import.meta.resolve(name)]));
  registerHooks({
    resolve(specifier, context, nextResolve) {
      try {
        return nextResolve(specifier, context);
      } catch (error) {
        const url = ours.get(specifier);
        if (url === undefined) throw error;
        return { url, shortCircuit: true };
      }
    },
    load(url, context, nextLoad) {
      const isOpen = !context.format?.startsWith('module') && /^file:(?!.*\/node_modules\/).*\.[jt]s$/.test(url);
      if (!isOpen || !MODULE_SYNTAX.test(readFileSync(new URL(url), 'utf8'))) return nextLoad(url, context);
      return nextLoad(url, { ...context, format: url.endsWith('.ts') ? 'module-typescript' : 'module' });
    },
  });
}
