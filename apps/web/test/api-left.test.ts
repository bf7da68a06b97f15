import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { startApi } from './api-server.ts';

test('while nobody listens any more, however they left, nothing is subscribed to', async () => {
  await using api = await startApi({ services: ['web'] });
  const { body } = await api.submit({ task_type: 'reverse_string', parameters: { text: 'a' } });
  const { hostname, port } = new URL(api.url);
  const { events } = api.stack.config.redis.channels;
  const heard = async () => Number((await api.stack.redis.pubsub('NUMSUB', events))[1]);
  for (const path of ['events', `tasks/${body.task_id}/events`]) {
    for (let count = 0; count < 50; count += 1) {
      const socket = connect(Number(port), hostname).on('error', () => undefined);
      // Some leave before they have an answer.
      socket.write(`GET /api/v1/${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`, () =>
        setTimeout(() => socket.destroy(), count % 5),
      );
    }
  }
  // The recorder of the test hears, too.
  await expect.poll(heard).toBe(2);
  await expect.poll(heard, { timeout: 30_000 }).toBe(1);
});
