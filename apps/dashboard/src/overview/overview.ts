import type { ServiceContext, TaskQueue } from '@taskwire/runtime';
import type { TaskRegistry } from '@taskwire/tasks';
import type { FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';

export interface OverviewOptions extends ServiceContext {
  registry: TaskRegistry;
  queues: ReadonlyMap<string, TaskQueue>;
  redis: Redis;
}

export async function registerOverview(_server: FastifyInstance, _options: OverviewOptions): Promise<void> {}
