import { expect, test, vi } from 'vitest';
import { setUp } from './processors-fixture.ts';

test('the first processor leads before a message reaches it, and a second one does not', async () => {
  const { processor, leader } = setUp();
  const one = await processor('one');
  expect(one.leadership.leading).toBe(true);
  const other = await processor('other');
  expect(one.leadership.leading).toBe(true);
  expect(other.leadership.leading).toBe(false);
  expect(other.leadership.leader).toBe('one');
  expect(await leader()).toBe('one');
});

test('proves that it hears, and how long that takes', async () => {
  const { leadership } = await setUp().processor('one');
  expect(Date.now() - (leadership.proof.provenAt ?? 0)).toBeLessThan(2000);
  expect(leadership.proof.lagMs).toBeGreaterThanOrEqual(0);
});

test('while the lead is handed over, each message has exactly one leader', async () => {
  const { processor, redis, tasks } = setUp();
  const [one, other] = [await processor('one'), await processor('other')];
  const published: string[] = [];
  let stopping: Promise<void> | undefined;
  while (!other.leadership.leading || published.length < 500) {
    const message = String(published.length);
    published.push(message);
    await redis.publish(tasks, message);
    if (published.length === 100) stopping = one.leadership[Symbol.asyncDispose]();
  }
  await stopping;
  await vi.waitFor(() => expect([one.heard.length, other.heard.length]).toEqual([published.length, published.length]));
  expect(one.led.length).toBeGreaterThanOrEqual(100);
  expect([...one.led, ...other.led]).toEqual(published);
});

test('a leader that died is replaced with the next claim, not when its lease ends', async () => {
  const { processor, leader } = setUp();
  const [one, other] = [await processor('one'), await processor('other')];
  one.crash();
  await vi.waitFor(() => expect(other.leadership.leading).toBe(true), { timeout: 3000 });
  expect(await leader()).toBe('other');
});

test('a processor that starts after a leader was killed leads at once', async () => {
  const { processor } = setUp();
  (await processor('killed')).crash();
  expect((await processor('next')).leadership.leading).toBe(true);
});

test('a leader whose subscription was cut leads again when it hears again', async () => {
  const { processor, redis, tasks } = setUp();
  const one = await processor('one');
  await one.cut();
  await vi.waitFor(() => expect(one.leadership.leading).toBe(false), { interval: 1 });
  await vi.waitFor(() => expect(one.leadership.leading).toBe(true), { interval: 1 });
  await redis.publish(tasks, 'again');
  await vi.waitFor(() => expect(one.led).toEqual(['again']));
});

test('a leader that Redis has refused once is told again that it leads', async () => {
  const { processor, redis, tasks } = setUp();
  const [one, other] = [await processor('one'), await processor('other')];
  one.leadership.cut();
  await vi.waitFor(() => expect(one.leadership.leading).toBe(true), { timeout: 3000 });
  await redis.publish(tasks, 'again');
  await vi.waitFor(() => expect(one.led).toEqual(['again']));
  expect(other.led).toEqual([]);
});

test('whoever has been a follower waits for its successor, too', async () => {
  const { processor, redis, tasks } = setUp();
  const [first, second] = [await processor('first'), await processor('second')];
  await first.leadership[Symbol.asyncDispose]();
  first.crash();
  const third = await processor('third');
  const published: string[] = [];
  const stopped = second.leadership[Symbol.asyncDispose]();
  let gone = false;
  void stopped.then(() => (gone = true));
  while (!gone) {
    published.push(String(published.length));
    await redis.publish(tasks, published.at(-1) as string);
  }
  await vi.waitFor(() => expect(third.heard.length).toBe(published.length));
  expect([...second.led, ...third.led]).toEqual(published);
  await expect.poll(() => third.leadership.leading).toBe(true);
});

test('whoever stops alone leaves no leader behind', async () => {
  const { processor, leader } = setUp();
  const one = await processor('one');
  await one.leadership[Symbol.asyncDispose]();
  expect(await leader()).toBeNull();
});
