import { setTimeout } from 'node:timers/promises';
import { services } from '@taskwire/config';
import { newTaskId } from '@taskwire/protocol';
import { type Recorded, Recorder } from '@taskwire/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { ComposeProject } from './compose-project.ts';
import { docker } from './docker.ts';

const OURS = services.map(({ name }) => name);
const SERVICES = [...OURS, 'redis'].sort();
const name = inject('composeProject');

describe.skipIf(name === null)('docker compose', () => {
  let project: ComposeProject;
  let recorder: Recorder;
  let redis: Redis;

  beforeAll(async () => {
    project = await ComposeProject.up(name as string);
    recorder = await Recorder.on(project.redisUrl, ['results', 'task_events']);
    redis = new Redis(project.redisUrl);
    // It goes away with its container.
    redis.on('error', () => undefined);
  });

  afterAll(async () => {
    await recorder?.[Symbol.asyncDispose]();
    redis?.disconnect();
  });

  function isResultOf(taskId: string) {
    return ({ channel, message }: Recorded) => channel === 'results' && message.task_id === taskId;
  }

  function isEventOf(taskId: string, event: string) {
    return ({ channel, message }: Recorded) =>
      channel === 'task_events' && message.task_id === taskId && message.event === event;
  }

  async function resultOf(taskId: string): Promise<Recorded['message']> {
    return (await recorder.first(isResultOf(taskId))).message;
  }

  test('all services are healthy when up --wait has ended', async () => {
    const containers = await project.containers();
    expect(containers.map(({ Service, Health }) => `${Service} ${Health}`).sort()).toEqual(
      SERVICES.map((service) => `${service} healthy`),
    );
  });

  test.each([
    ['generate_random_number', { min_value: 6, max_value: 6 }, { number: 6 }],
    ['reverse_string', { text: 'abc' }, { reversed_text: 'cba' }],
    ['read_environment', { name: 'LETTER_KEY' }, { value: 'from-file' }],
    [
      'sql_query',
      { query: "select count(*) > 0 as filled from 'sales.csv'" },
      { rows: [{ filled: true }], row_count: 1 },
    ],
  ])('redis-cli in the container publishes %s and gets its result', async (task_type, parameters, result) => {
    const task_id = newTaskId();
    expect(await project.publish({ task_id, task_type, parameters })).toBe(1);
    expect(await resultOf(task_id)).toMatchObject({ status: 'completed', result });
  });

  test('a named query writes its rows to a file that outlives the container', async () => {
    const task_id = newTaskId();
    const parameters = { query_name: 'sales-of-region', parameters: { region: 'Nord' }, format: 'csv' };
    await project.publish({ task_id, task_type: 'sql_query', parameters });
    const { result } = await resultOf(task_id);
    expect(result).toMatchObject({ file: { path: `/app/.data/results/${task_id}.taskwire.csv`, format: 'csv' } });
    await project.compose('up', '--wait', '--force-recreate', '--no-deps', 'sql-worker');
    const text = await project.compose('exec', '-T', 'sql-worker', 'cat', result.file.path);
    expect(text.trim().split('\n')).toHaveLength(result.row_count + 1);
  });

  test('a file with a query gets all rows, which another container has put into a file', async () => {
    const script = `cd /app/.data/inbox
      printf '{"query_id": "many", "query": "from range(100000) t(n)"}' > requests/many.json
      until [ -f results/many.json ]; do sleep 0.1; done
      cat results/many.json`;
    const answer = JSON.parse(await project.compose('exec', '-T', 'processor', 'sh', '-c', script));
    expect(answer).toMatchObject({ query_id: 'many', status: 'completed', result_count: 100_000 });
    expect(answer.result).toHaveLength(100_000);
    expect(answer.result.at(-1)).toEqual({ n: 99_999 });
  });

  test('SQL connections can be checked', async () => {
    const checked = await project.compose('exec', '-T', 'sql-worker', 'taskwire', 'sql', '--check');
    expect(checked).toContain('default: ok. DuckDB');
  });

  test('the command taskwire is there in the containers', async () => {
    const run = ['taskwire', 'run', 'reverse_string', 'text=abc', '--json'];
    const result = JSON.parse(await project.compose('exec', '-T', 'worker', ...run));
    expect(result).toMatchObject({ result: { reversed_text: 'cba' } });
  });

  test('the dashboard lets in whoever knows the password in its log', async () => {
    const log = await project.compose('logs', '--no-log-prefix', 'web');
    const password = /with the password (\w+)/.exec(log)?.[1] as string;
    const login = (body: Record<string, string>) =>
      fetch(`${project.webUrl}/login`, { method: 'POST', body: new URLSearchParams(body), redirect: 'manual' });
    expect((await fetch(project.webUrl, { redirect: 'manual' })).status).not.toBe(200);
    expect((await login({ username: 'operator', password: 'wrong' })).status).toBe(401);
    const headers = { cookie: (await login({ username: 'operator', password })).headers.get('set-cookie') as string };
    expect((await fetch(project.webUrl, { headers })).status).toBe(200);
  });

  test.each(SERVICES)('%s has no rights, a read-only root, and ports on 127.0.0.1 alone', async (service) => {
    const id = await project.compose('ps', '--quiet', service);
    const [{ HostConfig, NetworkSettings }] = JSON.parse(await docker(['inspect', id]));
    expect(HostConfig).toMatchObject({
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges:true'],
      Init: true,
      RestartPolicy: { Name: 'unless-stopped' },
    });
    const published = Object.values(NetworkSettings.Ports as Record<string, { HostIp: string }[] | null>).flat();
    expect(published.filter((port) => port !== null && port.HostIp !== '127.0.0.1')).toEqual([]);
  });

  test.each(OURS)('%s runs as node and writes in /tmp alone', async (service) => {
    const script = 'id -u; for place in / /app /app/data /home/node /tmp; do touch $place/x 2>&-  && echo $place; done';
    const said = await project.compose('exec', '-T', service, 'sh', '-c', `${script}; true`);
    expect(said.split('\n')).toEqual(['1000', '/tmp']);
  });

  test('a task whose worker is killed runs again after up, and has one result', async () => {
    const task_id = newTaskId();
    const parameters = { file: '/tmp/runs', run_ms: 4000 };
    await project.publish({ task_id, task_type: 'log_run', parameters });
    await recorder.first(isEventOf(task_id, 'started'));
    await project.compose('kill', 'worker');
    await project.compose('up', '--detach', '--no-build');
    expect(await resultOf(task_id)).toMatchObject({ status: 'completed', result: { done: true } });
    await recorder.first(isEventOf(task_id, 'finished'));
    expect(recorder.all.filter(isEventOf(task_id, 'started'))).toHaveLength(2);
    expect(recorder.all.filter(isResultOf(task_id))).toHaveLength(1);
  });

  test('a worker that dies by itself is started again', async () => {
    const task_id = newTaskId();
    await project.publish({ task_id, task_type: 'kill_worker' });
    expect(await resultOf(task_id)).toMatchObject({ status: 'error', error_code: 'worker_lost', attempts: 2 });
    const [{ RestartCount }] = JSON.parse(await docker(['inspect', await project.compose('ps', '--quiet', 'worker')]));
    expect(RestartCount).toBe(1);
  });

  test('two processors and three workers answer each of 300 tasks once', async () => {
    await project.compose('up', '--no-build', '--wait', '--scale', 'worker=3', '--scale', 'processor=2');
    const ids = Array.from({ length: 300 }, newTaskId);
    const pipeline = redis.pipeline();
    for (const task_id of ids) {
      pipeline.publish('tasks', JSON.stringify({ task_id, task_type: 'reverse_string', parameters: { text: 'abc' } }));
    }
    const receivers = (await pipeline.exec())?.map(([, received]) => received);
    expect(receivers).toEqual(ids.map(() => 2));
    await Promise.all(ids.map((id) => recorder.first(isEventOf(id, 'finished'))));
    for (const id of ids) expect(recorder.all.filter(isResultOf(id))).toHaveLength(1);
  });

  test('of 10,000 requests in the stream none is lost while every container is replaced', async () => {
    const ids = Array.from({ length: 10_000 }, newTaskId);
    // It waits while Redis is away, and then adds again what Redis has not confirmed.
    const producer = new Redis(project.redisUrl, { maxRetriesPerRequest: null });
    producer.on('error', () => undefined);
    onTestFinished(() => producer.disconnect());
    const replaced = project.compose('up', '--no-build', '--wait', '--force-recreate');
    let isReplaced = false;
    void replaced.finally(() => (isReplaced = true));
    for (let first = 0; first < ids.length; first += 50) {
      const adding = producer.pipeline();
      for (const task_id of ids.slice(first, first + 50)) {
        const request = { task_id, task_type: 'reverse_string', parameters: { text: 'abc' } };
        adding.xadd('{taskwire}:tasks', '*', 'message', JSON.stringify(request));
      }
      await adding.exec();
      // Evenly over the replacement, and what is left when that is done.
      if (!isReplaced) await Promise.race([replaced, setTimeout(100)]);
    }
    await replaced;
    const keys = ids.map((id) => `{taskwire}:result:${id}`);
    await expect.poll(() => producer.exists(...keys), { timeout: 120_000, interval: 1000 }).toBe(ids.length);
    await expect.poll(() => producer.xlen('{taskwire}:tasks')).toBe(0);
  });

  test('services that cannot consume are unhealthy, and well again when Redis is back', async () => {
    const all = (health: 'healthy' | 'unhealthy') => Promise.all(OURS.map((one) => project.nextHealth(one, health)));
    const unhealthy = all('unhealthy');
    await project.compose('pause', 'redis');
    await unhealthy;
    const healthy = all('healthy');
    await project.compose('unpause', 'redis');
    await healthy;
    const task_id = newTaskId();
    await project.publish({ task_id, task_type: 'reverse_string', parameters: { text: 'abc' } });
    expect(await resultOf(task_id)).toMatchObject({ result: { reversed_text: 'cba' } });
  });

  test('all end with exit code 0 when stopped, and down -v leaves nothing', async () => {
    redis.disconnect();
    await recorder[Symbol.asyncDispose]();
    await project.compose('stop');
    const exitCodes = (await project.containers()).map(({ ExitCode }) => ExitCode);
    expect(exitCodes).toEqual(exitCodes.map(() => 0));
    await project.compose('down', '-v');
    const label = ['--quiet', '--filter', `label=com.docker.compose.project=${project.name}`];
    const left = [
      ['ps', '--all'],
      ['volume', 'ls'],
      ['network', 'ls'],
    ].map((list) => docker([...list, ...label]));
    expect(await Promise.all(left)).toEqual(['', '', '']);
  });
});
