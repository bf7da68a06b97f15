import { freePort } from '@taskwire/redis';
import { type ServiceProcess, startStack } from '@taskwire/testing';
import { expect, inject, test, vi } from 'vitest';

const redisUrl = inject('redisUrl');

async function get(port: number, path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, text: await response.text() };
}

test('each service tells at its own port how it is and what it has counted', async () => {
  const [processor, worker] = [await freePort(), await freePort()];
  const env = { TASKWIRE_PROCESSOR_HEALTH_PORT: String(processor), TASKWIRE_WORKER_HEALTH_PORT: String(worker) };
  await using stack = await startStack({ redisUrl, services: ['processor', 'worker'], env });
  await stack.publish({ task_id: 'good', task_type: 'reverse_string', parameters: { text: 'abc' } });
  await stack.publish({ task_id: 'bad', task_type: 'reverse_strin' });
  await Promise.all([stack.result('good'), stack.result('bad')]);
  for (const port of [processor, worker]) {
    await vi.waitFor(async () => expect((await get(port, '/readyz')).status).toBe(200));
    expect((await get(port, '/healthz')).status).toBe(200);
    expect((await get(port, '/')).status).toBe(404);
  }
  expect((await get(processor, '/metrics')).text).toMatch(/^taskwire_messages_received_total\{intake="channel"\} 2$/m);
  expect((await get(processor, '/metrics')).text).toMatch(
    /^taskwire_messages_rejected_total\{.*unknown_task_type"\} 1$/m,
  );
  await vi.waitFor(async () =>
    expect((await get(worker, '/metrics')).text).toMatch(/^taskwire_results_total\{.*status="completed"\} 1$/m),
  );
  expect((await get(worker, '/metrics')).text).toMatch(/^process_resident_memory_bytes \d+$/m);
});

test('a service that cannot have its health port says so in a sentence, and exits as for a wrong configuration', async () => {
  const port = String(await freePort());
  const env = { TASKWIRE_WORKER_HEALTH_PORT: port };
  await using stack = await startStack({ redisUrl, services: ['worker'], processes: ['worker'], env });
  await expect(stack.start('worker')).rejects.toThrow(/worker\.health_port: listen EADDRINUSE.*fix: use another port/);
});

test('with two processors, a message without a task id runs once, and is answered once when it is bad', async () => {
  await using stack = await startStack({ redisUrl, services: ['processor', 'processor', 'worker'] });
  for (let index = 0; index < 20; index += 1) {
    await stack.publish({ task_type: 'reverse_string', parameters: { text: String(index) }, metadata: { index } });
    await stack.publish('{ no JSON');
  }
  await stack.publish({ task_id: 'last', task_type: 'reverse_string', parameters: { text: 'last' } });
  await stack.result('last');
  const ofResults = ({ channel }: { channel: string }) => channel === stack.config.redis.channels.results;
  await vi.waitFor(() => expect(stack.recorder.all.filter(ofResults)).toHaveLength(41));
  const results = stack.recorder.all.filter(ofResults).map(({ message }) => message);
  expect(results.filter(({ error_code }) => error_code === 'invalid_json')).toHaveLength(20);
  const indexes = results.flatMap(({ metadata }) => (metadata?.index === undefined ? [] : [metadata.index]));
  expect(indexes.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index));
});

test('when the leading processor is killed, another one takes the messages without a task id', async () => {
  await using stack = await startStack({ redisUrl, services: ['processor', 'worker'], processes: ['processor'] });
  await stack.start('processor');
  const leader = stack.services.find(({ name }) => name === 'processor') as ServiceProcess;
  await leader.kill();
  await vi.waitFor(
    async () => {
      await stack.publish({ task_type: 'reverse_string', parameters: { text: 'a' }, user_id: 'after' });
      expect(stack.recorder.all.some(({ message }) => message.user_id === 'after' && message.status)).toBe(true);
    },
    { timeout: 5000, interval: 100 },
  );
});
