import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Account } from './account.ts';

export interface ServerProcessOptions {
  binaries: string;
  account: Account | undefined;
  /** Working directory, and the place of its Unix socket. */
  folder: string;
  data: string;
  port: number;
  settings: Readonly<Record<string, string>>;
}

export interface ServerProcess {
  /** Ends all connections and the server, as a restart by an administrator does. Resolves when it has ended. */
  stop: () => Promise<void>;
}

const QUICK = {
  // Nothing here must survive a crash of the machine, so nothing waits for the disk.
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '32MB',
  // The compiler cannot be interrupted, and takes some 100 ms for a query that only seems large.
  jit: 'off',
};

/**
 * A process between us and the server that passes on the signals we name. When our end of the pipe closes while the server
 * runs, we are dead: then it ends the server and removes its folder.
 */
const GUARDIAN = `
"$@" <&- & server=$!
{
  while read -r order; do kill -s "$order" $server; done
  : > abandoned
  kill -s QUIT $server
} <&3 2> /dev/null & guard=$!
exec 3<&-
wait $server
kill $guard 2> /dev/null
[ ! -e abandoned ] || rm -rf "$PWD"
`;

/** Starts the server. Resolves when it takes connections. */
export async function startServer({
  binaries,
  account,
  folder,
  data,
  port,
  settings,
}: ServerProcessOptions): Promise<ServerProcess> {
  const all = {
    ...QUICK,
    ...settings,
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
  };
  const options = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn('sh', ['-c', GUARDIAN, 'sh', join(binaries, 'postgres'), '-D', data, ...options], {
    ...account,
    cwd: folder,
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  await untilReady(child, exited);
  return {
    async stop() {
      const orders = child.stdio[3] as NodeJS.WritableStream;
      // If the server has ended already, nobody listens.
      orders.on('error', () => undefined).write('INT\n');
      await exited;
      orders.end();
    },
  };
}

/** @throws with the server's output, when it ends instead */
async function untilReady(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  let log = '';
  const ready = Promise.withResolvers<void>();
  child.stderr?.on('data', (chunk: Buffer) => {
    // Later the log is only drained, so that the server never waits for us.
    if (log.length < 100_000) log += chunk;
    if (log.includes('ready to accept connections')) ready.resolve();
  });
  await Promise.race([
    ready.promise,
    exited.then(() => Promise.reject(new Error(`PostgreSQL ended before it was ready:\n${log}`))),
  ]);
}
