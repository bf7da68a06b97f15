import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Environment, privateEnvironment } from '@taskwire/config';
import { freePort } from '@taskwire/redis';
import { startPrivateRedis } from '@taskwire/testing';
import { cpuUs, MEMORY_KIND, memoryBytes, treeOf } from '../measure/processes.ts';
import type { Part } from './part.ts';

export interface Rest {
  /** The first start compiles; the others find what it compiled. */
  firstStart: Start;
  starts: Start[];
  /** Of processes that only load the libraries which taskwire's load. */
  librariesCpuSeconds: number[];
  memoryKind: 'PSS' | 'RSS';
  idleSeconds: number;
  /** After some rest, the supervisor and Redis among them. */
  processes: { name: string; memoryBytes: number; idleCores: number }[];
}

/** Until the stack is ready, in all its processes. */
export interface Start {
  cpuSeconds: number;
  seconds: number;
}

const BIN = fileURLToPath(new URL('../../apps/cli/bin/taskwire.cjs', import.meta.url));
/** A folder from which all of these libraries are found. */
const WEB = fileURLToPath(new URL('../../apps/web', import.meta.url));
/** Until then V8 has given back what only the start needed: of web after some 100 s. */
const SETTLE_MS = 110_000;
const IDLE_MS = 30_000;

const LIBRARIES_OF_SERVICE = ['zod', 'ioredis', 'bullmq', 'pino', 'prom-client/lib/counter.js'];
const LIBRARIES = [
  ['commander', 'zod', 'ioredis'],
  ...[LIBRARIES_OF_SERVICE, LIBRARIES_OF_SERVICE, LIBRARIES_OF_SERVICE],
  [...LIBRARIES_OF_SERVICE, 'fastify', '@fastify/static', '@fastify/rate-limit'],
];

/** A whole `taskwire start`, on a Redis that runs already. */
export const measureRest: Part<Rest> = async ({ rounds }) => {
  await using redis = await startPrivateRedis();
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-bench-'));
  using cleanUp = new DisposableStack();
  cleanUp.defer(() => rmSync(folder, { recursive: true, force: true }));
  const env = privateEnvironment({
    REDIS_URL: redis.url,
    TASKWIRE_WEB_PORT: String(await freePort()),
    TASKWIRE_INBOX_DIRECTORY: join(folder, 'inbox'),
    TASKWIRE_LOG_DIRECTORY: join(folder, 'logs'),
    NODE_COMPILE_CACHE: join(folder, 'compiled'),
  });
  const starts: Start[] = [];
  loadLibraries(env);
  const librariesCpuSeconds = Array.from({ length: rounds }, () => loadLibraries(env));
  for (let round = 0; round <= rounds; round += 1) {
    const { child, ...start } = await begin(env);
    starts.push(start);
    const processes = round === rounds ? await atRest(child.pid as number, redis.process.pid as number) : undefined;
    child.kill('SIGTERM');
    await once(child, 'exit');
    const [firstStart, ...others] = starts as [Start, ...Start[]];
    if (processes) {
      const measured = { memoryKind: MEMORY_KIND, idleSeconds: IDLE_MS / 1000, processes } as const;
      return { firstStart, starts: others, librariesCpuSeconds, ...measured };
    }
  }
  throw new Error('rounds is at least 1');
};

/** @returns CPU seconds of all processes; the first call compiles. */
function loadLibraries(env: Environment): number {
  const used = LIBRARIES.map((names) => {
    const code = `${names.map((name) => `import '${name}';`).join('')} console.log(JSON.stringify(process.cpuUsage()));`;
    const { user, system } = JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '--eval', code], { env, cwd: WEB, encoding: 'utf8' }),
    );
    return (user + system) / 1e6;
  });
  return used.reduce((sum, seconds) => sum + seconds, 0);
}

async function begin(env: Environment): Promise<Start & { child: ChildProcess }> {
  const begun = performance.now();
  const child = spawn(process.execPath, [BIN, 'start'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const kill = () => child.kill('SIGTERM');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  for await (const line of createInterface({ input: child.stdout })) if (line.includes('ready: Redis at')) break;
  child.stdout.resume();
  const seconds = (performance.now() - begun) / 1000;
  return { child, seconds, cpuSeconds: cpuUs(treeOf(child.pid as number).map(({ pid }) => pid)) / 1e6 };
}

async function atRest(supervisor: number, redis: number): Promise<Rest['processes']> {
  await pause(SETTLE_MS);
  const processes = [...treeOf(supervisor), { pid: redis, command: '/apps/redis/' }];
  const before = processes.map(({ pid }) => cpuUs([pid]));
  await pause(IDLE_MS);
  return processes.map(({ pid, command }, index) => ({
    name: pid === supervisor ? 'supervisor' : (/apps\/([\w-]+)\//.exec(command)?.[1] ?? command),
    memoryBytes: memoryBytes(pid),
    idleCores: (cpuUs([pid]) - (before[index] ?? 0)) / 1000 / IDLE_MS,
  }));
}
