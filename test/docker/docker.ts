import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs `docker`. Gives what it prints. @throws Error with what it says on standard error. */
export async function docker(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await promisify(execFile)('docker', args, { ...(env && { env }), maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}
