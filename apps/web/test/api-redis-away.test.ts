import { connect } from 'node:net';
import { startPrivateRedis } from '@taskwire/testing';
import { expect, test } from 'vitest';
import { startApi } from './api-server.ts';

const reverse = { task_type: 'reverse_string', parameters: { text: 'abc' } };

test('while Redis is away or frozen everything is answered with 503, and works again afterwards', async () => {
  await using redis = await startPrivateRedis();
  await using api = await startApi({ redisUrl: redis.url, services: ['processor', 'worker', 'web'] });
  const { body } = await api.submit({ ...reverse, delay_ms: 60_000 });
  redis.process.kill('SIGSTOP');
  const questions = [
    api.submit({ ...reverse, task_id: 'asked-while-frozen' }),
    api.submit([reverse, reverse]),
    api.ask('GET', `/tasks/${body.task_id}`),
    api.ask('GET', `/tasks/${body.task_id}/result?wait=30`),
    api.ask('DELETE', `/tasks/${body.task_id}`),
  ];
  for (const answer of await Promise.all(questions)) {
    expect(answer).toMatchObject({ status: 503, body: { error_code: 'redis_unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('2');
  }
  redis.process.kill('SIGCONT');
  // It was not lost: asking again finds it.
  await expect
    .poll(() => api.submit({ ...reverse, task_id: 'asked-while-frozen' }, { prefer: 'wait=5' }), { timeout: 20_000 })
    .toMatchObject({ status: 200, body: { result: { reversed_text: 'cba' } } });
});

test('stopping answers who waits, and keeps what was submitted', async () => {
  await using api = await startApi({ services: ['web'] });
  const { body } = await api.submit(reverse);
  const waiting = api.ask('GET', `/tasks/${body.task_id}/result?wait=60`);
  await expect.poll(() => api.stack.redis.pubsub('NUMSUB', api.stack.config.redis.channels.results)).toContain(2);
  await api.stack.services[0]?.stop();
  expect(await waiting).toMatchObject({ status: 202, body: { status: 'waiting' } });
  await api.stack.start('worker');
  expect(await api.stack.result(body.task_id)).toMatchObject({ status: 'completed' });
});

test('who sends a request too slowly is cut off', async () => {
  await using api = await startApi({ services: ['web'] });
  const { hostname, port } = new URL(api.url);
  const socket = connect(Number(port), hostname);
  socket.write('POST /api/v1/tasks HTTP/1.1\r\nhost: localhost\r\n');
  const chunks = await socket.toArray();
  expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 408 /);
});
