import { execFileSync } from 'node:child_process';
import { GenericContainer } from 'testcontainers';
import type { TestProject } from 'vitest/node';
import { offerPostgres } from './postgres/index.ts';
import { startPrivateRedis } from './private-redis.ts';

declare module 'vitest' {
  interface ProvidedContext {
    redisUrl: string;
  }
}

const IMAGE = 'redis:8';

/**
 * Vitest's global set-up: a real Redis for the run, from TEST_REDIS_URL, else from Docker where an engine answers, else
 * a private redis-server. Tests read its address by `inject('redisUrl')`. A PostgreSQL is there for those that ask, see
 * `sharedPostgres`.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { url, from, stop } = await findRedis();
  process.stdout.write(`Redis for the tests: ${url} (${from})\n`);
  project.provide('redisUrl', url);
  const postgres = await offerPostgres();
  project.provide('postgresOffer', postgres.url);
  return async () => {
    await postgres[Symbol.asyncDispose]();
    await stop();
  };
}

interface FoundRedis {
  url: string;
  from: string;
  stop: () => Promise<void>;
}

async function findRedis(): Promise<FoundRedis> {
  const given = process.env.TEST_REDIS_URL;
  if (given) return { url: given, from: 'TEST_REDIS_URL', stop: async () => undefined };
  if (hasDockerImage()) {
    try {
      return await startContainer();
    } catch (error) {
      process.stdout.write(`Docker answers, but testcontainers cannot use it: ${(error as Error).message}\n`);
    }
  }
  const redis = await startPrivateRedis();
  return { url: redis.url, from: 'a private redis-server', stop: async () => redis[Symbol.asyncDispose]() };
}

async function startContainer(): Promise<FoundRedis> {
  const container = await new GenericContainer(IMAGE).withExposedPorts(6379).start();
  const url = `redis://${container.getHost()}:${container.getMappedPort(6379)}`;
  return { url, from: `Docker, ${IMAGE}`, stop: async () => void (await container.stop()) };
}

/** Whether an engine answers and has the image, or can get it. */
function hasDockerImage(): boolean {
  try {
    execFileSync('docker', ['version'], { stdio: 'ignore', timeout: 3000 });
  } catch {
    return false;
  }
  try {
    execFileSync('sh', ['-c', `docker image inspect ${IMAGE} || docker pull ${IMAGE}`], {
      stdio: 'ignore',
      timeout: 60_000,
    });
    return true;
  } catch {
    process.stdout.write(`A Docker engine answers, but it has no image ${IMAGE} and cannot get it.\n`);
    return false;
  }
}
