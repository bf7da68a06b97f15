import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const MISSING_PACKAGE = /^Cannot find (?:package|module) '((?:@[^/']+\/)?[^./'@][^/']*)[^']*'(?: imported from (.+))?/;
const MISSING_FILE = /^Cannot find module '(.+)' imported from /;
const EXTENSIONS = ['.ts', '.js', '.mts', '.mjs', '.cts', '.cjs'];
/** Where code begins that is not of tasks. */
const OWN_FOLDER = new URL('.', import.meta.url).href;

/** Why a task file could not be loaded, in a sentence with the place and, where it is known, the fix. */
export function faultOf(thrown: unknown, file: string): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const [message = ''] = thrown.message.split('\nRequire stack:');
  const [, name, importer = requirerIn(thrown) ?? file] = MISSING_PACKAGE.exec(message) ?? [];
  if (name !== undefined)
    return `Cannot find package '${name}' imported from ${importer}: run npm install ${name} in ${dirname(file)}`;
  const [, missing] = MISSING_FILE.exec(message) ?? [];
  const extension = EXTENSIONS.find((each) => existsSync(`${missing}${each}`));
  if (extension !== undefined) return `${message}: write its extension, ${extension}`;
  const place = placeOf(thrown);
  return place === undefined ? message : `${message} (${place.replace(`${file}:`, 'line ')})`;
}

/** Of `require`: the file that it stands in. */
function requirerIn(error: Error): string | undefined {
  return (error as { requireStack?: string[] }).requireStack?.[0];
}

/** File and line: V8 tells them above a syntax error; what is thrown was thrown at its first frame. */
function placeOf({ stack = '', message }: Error): string | undefined {
  const [first = '', ...lines] = stack.split('\n');
  const frame = lines.slice(message.split('\n').length - 1).find((line) => line.startsWith('    at ')) ?? '';
  const [, url, line] = /^(file:.+):(\d+)$/.exec(first) ?? /\(?(file:[^()]+?):(\d+):\d+\)?$/.exec(frame) ?? [];
  if (url === undefined || url.startsWith(OWN_FOLDER) || url.includes('/node_modules/')) return undefined;
  return `${fileURLToPath(url)}:${line}`;
}
