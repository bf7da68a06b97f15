import { fileURLToPath } from 'node:url';

/** Where our packages are: in the repository, or as they are installed. */
const OURS = ['../../../', '../../../../apps/']
  .map((folder) => new URL(folder, import.meta.url))
  .flatMap((folder) => [folder.href, fileURLToPath(folder)]);

const OF_NODE_OR_INSTALLED = /\bnode:|[\\/]node_modules[\\/](@taskwire[\\/]|taskwire[\\/])|<anonymous>\)?$/;

/**
 * A stack with the frames of the task's own code: without those of Node and of taskwire. One of another language stays as it is.
 *
 * @returns undefined when none is left.
 */
export function ownFrames(stack: string | undefined): string | undefined {
  if (stack === undefined) return undefined;
  const lines = stack.split('\n');
  const isFrame = (line: string) => /^\s+at /.test(line);
  const own = lines.filter((line) => !isFrame(line) || !isOurs(line));
  return own.length < lines.length && !own.some(isFrame) ? undefined : own.join('\n');
}

const MAX_CAUSES = 5;

/** The same of an error, and of what caused it. */
export function ownStack(error: Error, depth = 0): string | undefined {
  const own = ownFrames(error.stack);
  const { cause } = error;
  if (!(cause instanceof Error) || depth === MAX_CAUSES) return own;
  return `${own ?? error.message}\ncaused by: ${ownStack(cause, depth + 1) ?? cause.message}`;
}

function isOurs(frame: string): boolean {
  return OF_NODE_OR_INSTALLED.test(frame) || OURS.some((folder) => frame.includes(folder));
}
