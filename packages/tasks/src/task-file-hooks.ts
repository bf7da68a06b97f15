import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const OUR_PACKAGES: readonly string[] = ['@taskwire/tasks', 'zod'];

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
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (!OUR_PACKAGES.includes(specifier)) return nextResolve(specifier, context);
      try {
        return nextResolve(specifier, context);
      } catch {
        return { url: import.meta.resolve(specifier), shortCircuit: true };
      }
    },
    load(url, context, nextLoad) {
      const isOpen = !context.format?.startsWith('module') && /^file:(?!.*\/node_modules\/).*\.[jt]s$/.test(url);
      if (!isOpen || !MODULE_SYNTAX.test(readFileSync(new URL(url), 'utf8'))) return nextLoad(url, context);
      return nextLoad(url, { ...context, format: url.endsWith('.ts') ? 'module-typescript' : 'module' });
    },
  });
}
