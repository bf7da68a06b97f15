import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { WebhookReceiver } from '../src/webhook-receiver.ts';
import { setUp, startReceiver } from './fixture.ts';

const timeoutMs = 5000;

/** Checks a signature as a receiver would, with other code than made it. */
async function isSigned({ headers, body }: { headers: Record<string, unknown>; body: string }, secret: string) {
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(secret), hmac, false, ['verify']);
  const [version, encoded = ''] = String(headers['webhook-signature']).split(',');
  const signed = new TextEncoder().encode(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`);
  const signature = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
  return version === 'v1' && crypto.subtle.verify('HMAC', key, signature, signed);
}

test('is sent the result as it is, signed, with an id and the time', async () => {
  const { start, end } = setUp();
  const { url, received } = await startReceiver();
  const withLogin = url.replace('//', '//me%40home:pa%3Ass@');
  await start({ receiver: new WebhookReceiver({ url: `${withLogin}/hook?key=1`, secret: 'geheim', timeoutMs }) });
  const message = await end('one', { result: { text: 'äöü 🎉', number: 1e21 } });
  await expect.poll(() => received).toHaveLength(1);
  const [{ headers, body } = expect.fail()] = received;
  expect(body).toBe(message);
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'user-agent': expect.stringMatching(/^taskwire\/\d+\.\d+\.\d+/),
    'webhook-id': expect.stringMatching(/^msg_\w+$/),
    authorization: `Basic ${Buffer.from('me@home:pa:ss').toString('base64')}`,
  });
  expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60);
  expect(await isSigned({ headers, body }, 'geheim')).toBe(true);
  expect(await isSigned({ headers, body: `${body} ` }, 'geheim')).toBe(false);
});

test('that fails is told again under the same id until it works, and the log says so once', async () => {
  const { start, end, logged } = setUp();
  const { url, received } = await startReceiver((response, _, count) => {
    response.statusCode = count <= 3 ? 500 : 204;
    response.end();
  });
  await start({ receiver: new WebhookReceiver({ url: `${url}/secret-path?key=secret`, timeoutMs }) });
  await end('one');
  await expect
    .poll(() => logged.map(({ message }) => message))
    .toEqual(['the webhook did not get a result; trying again', 'the webhook works again']);
  expect(received).toHaveLength(4);
  expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(logged[0]?.about).toEqual({ task_id: 'one', receiver: url, attempts: 1, reason: 'it answered 500' });
});

test('is given up after the last attempt, and the next task is told', async () => {
  const { start, end, logged } = setUp();
  const { url, taskIds } = await startReceiver((response, { taskId }) => {
    response.statusCode = taskId === 'bad' ? 500 : 200;
    response.end();
  });
  await start({ receiver: new WebhookReceiver({ url, timeoutMs }), attempts: 3 });
  await end('bad');
  await expect
    .poll(() => logged.find(({ level }) => level === 'error')?.about)
    .toMatchObject({
      task_id: 'bad',
      attempts: 3,
      reason: 'it answered 500',
    });
  await end('good');
  await expect.poll(taskIds).toEqual(['bad', 'bad', 'bad', 'good']);
});

test('that is gone gets nothing again; a redirect is no way to another server; one that does not answer fails', async () => {
  const { start, end, logged } = setUp();
  const elsewhere = await startReceiver();
  const answers: Record<string, (response: ServerResponse) => void> = {
    gone: (response) => void response.writeHead(410).end(),
    moved: (response) => void response.writeHead(307, { location: elsewhere.url }).end(),
    silent: () => undefined,
    cut: (response) => void response.destroy(),
  };
  const { url, received } = await startReceiver((response, { taskId }) => answers[taskId]?.(response));
  await start({ receiver: new WebhookReceiver({ url, timeoutMs: 200 }), attempts: 2 });
  for (const taskId of Object.keys(answers)) await end(taskId);
  const givenUp = () => logged.filter(({ level }) => level === 'error').map(({ about }) => about);
  await expect.poll(givenUp).toHaveLength(4);
  const reasons = Object.fromEntries(givenUp().map(({ task_id, attempts, reason }) => [task_id, [attempts, reason]]));
  expect(reasons).toEqual({
    gone: [1, 'it answered 410: it wants nothing more (notify.webhook)'],
    moved: [2, 'it answered 307: redirects are not followed; set notify.webhook to where it leads'],
    silent: [2, 'it did not answer within 200 ms'],
    cut: [2, expect.stringMatching(/^it cannot be reached: ./)],
  });
  expect(received).toHaveLength(7);
  expect(elsewhere.received).toEqual([]);
});

test('that says when to come back is not asked before', async () => {
  const { start, end } = setUp();
  const times: number[] = [];
  const { url, received } = await startReceiver((response, _, count) => {
    times.push(performance.now());
    if (count === 1) response.writeHead(429, { 'retry-after': '1' });
    response.end();
  });
  await start({ receiver: new WebhookReceiver({ url, timeoutMs }) });
  await end('one');
  await expect.poll(() => received).toHaveLength(2);
  expect((times[1] as number) - (times[0] as number)).toBeGreaterThan(950);
});

test('under way when the processor stops may end, and is not told again', async () => {
  const { start, end, redis } = setUp();
  const held: ServerResponse[] = [];
  const { url, taskIds } = await startReceiver((response) => void held.push(response));
  const receiver = new WebhookReceiver({ url, timeoutMs });
  const notifier = await start({ receiver, stopTimeoutMs: 5000 });
  await end('one');
  await expect.poll(() => held).toHaveLength(1);
  const stopped = notifier[Symbol.asyncDispose]();
  // Time enough to cut it off at once.
  for (let trip = 0; trip < 100; trip += 1) await redis.ping();
  expect(held[0]?.closed).toBe(false);
  held[0]?.end();
  await stopped;
  await start({ receiver });
  await end('two');
  await expect.poll(taskIds).toEqual(['one', 'two']);
});
