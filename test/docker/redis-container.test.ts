import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TaskwireClient } from '@taskwire/client';
import { newTaskId, resultsStreamKey } from '@taskwire/protocol';
import { freePort } from '@taskwire/redis';
import { type Stack, startStack } from '@taskwire/testing';
import { GenericContainer, type StartedTestContainer } from 'testcontainers';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { docker } from './docker.ts';

const folder = mkdtempSync(join(tmpdir(), 'taskwire-test-'));

describe.skipIf(inject('composeProject') === null)('a Redis in a container that is killed among tasks', () => {
  let container: StartedTestContainer;
  let stack: Stack;

  beforeAll(async () => {
    // A port that the engine chooses would be another one after the next start.
    const port = await freePort();
    container = await new GenericContainer('redis:8')
      .withCommand(['redis-server', '--appendonly', 'yes'])
      .withExposedPorts({ container: 6379, host: port })
      .start();
    stack = await startStack({
      redisUrl: `redis://${container.getHost()}:${port}`,
      env: { TASKWIRE_TASKS_FOLDERS: fileURLToPath(new URL('../tasks', import.meta.url)) },
    });
  });

  afterAll(async () => {
    await stack?.[Symbol.asyncDispose]();
    await container?.stop();
    rmSync(folder, { recursive: true });
  });

  test('gets new tasks taken within seconds, and each accepted one answered once', async () => {
    const ids = Array.from({ length: 300 }, newTaskId);
    const parameters = { file: join(folder, 'runs'), run_ms: 500 };
    for (const task_id of ids) await stack.publish({ task_id, task_type: 'log_run', parameters });
    await Promise.all(ids.map((id) => stack.event(id, 'accepted')));

    await docker(['kill', container.getId()]);
    await docker(['start', container.getId()]);
    const later = newTaskId();
    const request = { task_id: later, task_type: 'sql_query', parameters: { query: 'select 1 as one' } };
    await expect.poll(() => stack.publish(request), { interval: 100, timeout: 5000 }).toBe(1);

    await using client = new TaskwireClient(stack.config.redis);
    const all = [...ids, later];
    const results = await Promise.all(all.map((id) => client.wait(id)));
    expect(results.map(({ status }) => status)).toEqual(all.map(() => 'completed'));
    const stored = await stack.redis.xrange(resultsStreamKey(stack.config.redis.key_prefix), '-', '+');
    const told = stored.map(([, [, message]]) => JSON.parse(message as string).task_id as string);
    expect(told.sort()).toEqual(all.sort());
  });
});
