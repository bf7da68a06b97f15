import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { RedisConfig } from '@taskwire/config';

const PROGRAMS = ['redis-server', 'valkey-server'];

export function isLoopback(host: string): boolean {
  return ['localhost', '::1'].includes(host) || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** Another Redis of ours uses the data folder: two would mix up their data. */
export class FolderInUseError extends Error {
  readonly code = 'folder_in_use';

  constructor(directory: string) {
    super(
      `another Redis of taskwire uses its data folder ${directory}; give this one its own (redis.embedded.directory)`,
    );
    this.name = 'FolderInUseError';
  }
}

/** No Redis server program is installed. */
export class NoRedisServerError extends Error {
  readonly code = 'no_redis_server';

  constructor() {
    super(`neither ${PROGRAMS.join(' nor ')} is installed; npx taskwire setup installs it`);
    this.name = 'NoRedisServerError';
  }
}

/**
 * Starts a Redis of our own: at the configured port, on loopback only, with its data in the configured folder. It
 * writes every change to disk (AOF), as configured, and never evicts a key.
 *
 * The process has its own group, so that Ctrl-C in a terminal does not stop it before its users.
 *
 * @returns the process, as soon as it accepts connections.
 * @throws NoRedisServerError; or an Error with the server's last lines when it does not start.
 */
export async function startEmbeddedRedis(config: RedisConfig): Promise<ChildProcess> {
  mkdirSync(config.embedded.directory, { recursive: true, mode: 0o700 });
  if (await isServed(socketIn(config))) throw new FolderInUseError(config.embedded.directory);
  for (const program of PROGRAMS) {
    const child = spawn(program, ['-'], { stdio: ['pipe', 'pipe', 'ignore'], detached: true });
    try {
      await once(child, 'spawn');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      throw error;
    }
    // By standard input: every user of the machine can see arguments, and so the password. Standard error is not shown,
    // because it repeats a configuration line that it does not understand.
    child.stdin?.end(serverConfig(config));
    await acceptingConnections(child, program);
    return child;
  }
  throw new NoRedisServerError();
}

function serverConfig(config: RedisConfig): string {
  const lines = [
    `port ${config.port}`,
    `bind ${config.host === 'localhost' ? '127.0.0.1' : config.host}`,
    `dir ${JSON.stringify(config.embedded.directory)}`,
    'appendonly yes',
    `appendfsync ${config.embedded.appendfsync}`,
    'save ""',
    'maxmemory-policy noeviction',
    ...(socketFits(config) ? [`unixsocket ${JSON.stringify(socketIn(config))}`, 'unixsocketperm 700'] : []),
    // Measured: a subscriber that was busy for 4 s lost 91,684 messages at the default of 32 MB.
    'client-output-buffer-limit pubsub 512mb 256mb 60',
  ];
  if (config.username) {
    const secret = config.password === undefined ? 'nopass' : JSON.stringify(`>${config.password}`);
    lines.push(`user ${JSON.stringify(config.username)} on ${secret} ~* &* +@all`, 'user default off');
  } else if (config.password) {
    lines.push(`requirepass ${JSON.stringify(config.password)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The server listens here too, so that another one finds the folder taken. */
function socketIn({ embedded }: RedisConfig): string {
  return join(embedded.directory, 'redis.sock');
}

/** No system takes a longer path as the address of a socket. */
function socketFits(config: RedisConfig): boolean {
  return Buffer.byteLength(socketIn(config)) <= 100;
}

function isServed(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(socket);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', () => resolve(false));
  });
}

async function acceptingConnections(child: ChildProcess, program: string): Promise<void> {
  const lastLines: string[] = [];
  const output = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  for await (const line of output) {
    if (/ready to accept connections/i.test(line)) {
      output.close();
      child.stdout?.resume();
      return;
    }
    lastLines.push(line);
    if (lastLines.length > 5) lastLines.shift();
  }
  throw new Error(`${program} did not start:\n${lastLines.join('\n')}`);
}
