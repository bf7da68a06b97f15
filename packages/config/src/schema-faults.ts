import { didYouMean } from '@taskwire/protocol';
import type { z } from 'zod';
import type { ConfigFault } from './config-error.ts';
import type { Override } from './environment.ts';
import { RENAMED_SECTIONS } from './schema.ts';
import { nodeAt, type SchemaNode, takesOf } from './schema-node.ts';
import { configNode } from './settings.ts';

interface Given {
  /** The configuration that was refused. */
  raw: unknown;
  /** The settings that came from the environment; the first entry of a setting counts. */
  overrides: readonly Override[];
}

type Issue = z.ZodError['issues'][number];

/** The faults that the schema found, each with its place and what to write instead. */
export function faultsOf(error: z.ZodError, { raw, overrides }: Given): ConfigFault[] {
  return error.issues.flatMap((issue): ConfigFault[] => {
    const node = nodeAt(configNode, issue.path, raw);
    const path = issue.path.join('.');
    if (issue.code === 'unrecognized_keys') {
      const siblings = Object.keys(node.properties ?? {});
      return issue.keys.map((key) => {
        const unknown = path === '' ? key : `${path}.${key}`;
        const now = RENAMED_SECTIONS.get(unknown);
        return {
          path: unknown,
          message: `no such setting${now ? `; it is called "${now}" now` : didYouMean(key, siblings)}`,
          fix: now
            ? `rename it to "${now}"`
            : siblings.length > 0
              ? `remove it, or use one of: ${siblings.join(', ')}`
              : 'remove it',
        };
      });
    }
    return [{ path: placeOf(issue.path, overrides), message: messageOf(issue), fix: fixOf(issue, node) }];
  });
}

/** A place of the configuration, with the variable that it came from. */
export function placeOf(path: readonly PropertyKey[], overrides: readonly Override[]): string {
  const variable = overrides.find(({ setting }) =>
    setting.path.every((name, index) => name === String(path[index])),
  )?.variable;
  return variable ? `${path.join('.')} (${variable})` : path.join('.') || 'the whole file';
}

function messageOf(issue: Issue): string {
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  return issue.message.replace(/^Invalid (input|option): /, '').replace(/^Invalid discriminator value\. E/, 'e');
}

function fixOf(issue: Issue, node: SchemaNode): string {
  if (issue.code === 'invalid_key') return 'give it another name';
  // A rule about several fields has its own fix.
  if (issue.code === 'custom' && typeof issue.params?.fix === 'string') return issue.params.fix;
  const takes = takesOf(node);
  const fallback = node.default === undefined || node.properties ? '' : ` (default: ${JSON.stringify(node.default)})`;
  // "a string" says too little: add what it means.
  const meaning = takes.startsWith('a string') && node.description ? `: ${node.description}` : '';
  return `write ${takes}${fallback}${meaning}`;
}
