import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { newTaskId, taskKey } from '@taskwire/protocol';
import { freePort } from '@taskwire/redis';
import { type Stack, startPrivateRedis, startStack } from '@taskwire/testing';
import autocannon from 'autocannon';
import { Publisher } from '../contenders/publisher.ts';
import { cpuUs, memoryBytes } from '../measure/processes.ts';
import type { Part } from './part.ts';

export interface Http {
  connections: number;
  rounds: { alone: Rate; http: Rate; publish: Rate }[];
  streams: {
    count: number;
    /** Until all are open. */
    openMs: number;
    /** From the end of the task until all have its result. */
    toldMs: number;
    bytesPerStream: number;
    /** Of a core, at rest. */
    idleCores: number;
  };
}

export interface Rate {
  /** Requests that were answered, or tasks that are in their queue. */
  perSecond: number;
  /** CPU of the server that takes them, for each. */
  cpuUs: number;
}

const CONNECTIONS = 50;
const SECONDS = 4;
const PUBLISHED = 20_000;
const STREAMS = 1000;
const REQUEST = JSON.stringify({ task_type: 'reverse_string', parameters: { text: 'abc' }, user_id: 7 });

/** Single requests to submit a task, against a server that only answers and against PUBLISH; then a thousand streams of events. */
export const measureHttp: Part<Http> = async ({ rounds }) => {
  await using cleanUp = new AsyncDisposableStack();
  const redis = cleanUp.use(await startPrivateRedis());
  await redis.command('CONFIG', 'SET', 'appendonly', 'no');
  const port = await freePort();
  const services = ['processor', 'web'] as const;
  const env = { TASKWIRE_WEB_PORT: String(port) };
  const stack = cleanUp.use(await startStack({ redisUrl: redis.url, services, processes: services, env }));
  await stack.recorder[Symbol.asyncDispose]();
  const publisher = cleanUp.use(await Publisher.of(redis.url, stack.config));
  const [processor, web] = services.map((name) => stack.process(name).process.pid as number) as [number, number];
  const alone = await startFastifyAlone(cleanUp);
  const url = `http://127.0.0.1:${port}/api/v1`;
  const measured: Http['rounds'] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const one = {
      alone: await requests(`http://127.0.0.1:${alone.port}/`, alone.pid),
      http: await requests(`${url}/tasks`, web),
      publish: await published(publisher, stack, processor),
    };
    // The first round warms up.
    if (round > 0) measured.push(one);
  }
  return { connections: CONNECTIONS, rounds: measured, streams: await streams(url, web) };
};

async function requests(url: string, pid: number): Promise<Rate> {
  const before = cpuUs([pid]);
  const { '2xx': answered, duration } = await autocannon({
    url,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: REQUEST,
    connections: CONNECTIONS,
    duration: SECONDS,
  });
  return { perSecond: answered / duration, cpuUs: (cpuUs([pid]) - before) / answered };
}

async function published(publisher: Publisher, stack: Stack, pid: number): Promise<Rate> {
  const [before, start] = [cpuUs([pid]), performance.now()];
  await publisher.send(PUBLISHED, 'PUBLISH');
  // They are taken in their order.
  const task_id = newTaskId();
  await stack.publish({ ...JSON.parse(REQUEST), task_id });
  while (!(await stack.redis.exists(taskKey(stack.config.redis.key_prefix, task_id)))) await pause(10);
  const seconds = (performance.now() - start) / 1000;
  return { perSecond: PUBLISHED / seconds, cpuUs: (cpuUs([pid]) - before) / PUBLISHED };
}

async function streams(url: string, web: number): Promise<Http['streams']> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ ...JSON.parse(REQUEST), delay_ms: 3_600_000 });
  const { task_id } = (await (await fetch(`${url}/tasks`, { method: 'POST', headers, body })).json()) as {
    task_id: string;
  };
  const [memory, start] = [memoryBytes(web), performance.now()];
  const open = await Promise.all(Array.from({ length: STREAMS }, () => streamOf(`${url}/tasks/${task_id}/events`)));
  const openMs = performance.now() - start;
  const [cpu, restAt] = [cpuUs([web]), performance.now()];
  await pause(5000);
  const idleCores = (cpuUs([web]) - cpu) / 1000 / (performance.now() - restAt);
  const bytesPerStream = (memoryBytes(web) - memory) / STREAMS;
  const endAt = performance.now();
  await fetch(`${url}/tasks/${task_id}`, { method: 'DELETE' });
  await Promise.all(open.map(({ ended }) => ended));
  return { count: STREAMS, openMs, toldMs: performance.now() - endAt, bytesPerStream, idleCores };
}

/** Resolves when the first event has come. */
function streamOf(url: string): Promise<{ ended: Promise<unknown> }> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      const ended = once(response, 'end');
      response.once('data', () => resolve({ ended }));
      response.resume();
    }).on('error', reject);
  });
}

async function startFastifyAlone(cleanUp: AsyncDisposableStack): Promise<{ port: number; pid: number }> {
  const program = fileURLToPath(new URL('../contenders/fastify-alone.ts', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  cleanUp.defer(() => void child.kill());
  const [line] = (await once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data')) as [Buffer];
  return { port: Number(String(line)), pid: child.pid as number };
}
