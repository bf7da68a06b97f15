import { describe, expect, test, vi } from 'vitest';
import { Pool, type Pooled, type PoolOptions, type UseOptions } from './pool.ts';

const { signal } = new AbortController();

class Resource implements Pooled {
  readonly id: number;
  readonly kind: string;
  isOpen = true;
  wasIdle = false;
  /** How often it was closed. */
  closed = 0;

  constructor(id: number, kind: string) {
    this.id = id;
    this.kind = kind;
  }

  async close(): Promise<void> {
    this.isOpen = false;
    this.closed += 1;
  }
}

/** A pool, and all that it has opened, numbered from 1. */
function setUp(options: Partial<PoolOptions> = {}) {
  const pool = new Pool<Resource>({ max: 2, idleMs: 60_000, ...options });
  const opened: Resource[] = [];
  const open = async (kind = '') => {
    const resource = new Resource(opened.length + 1, kind);
    opened.push(resource);
    return resource;
  };
  /** The ids of those that are not closed. */
  const openIds = () => opened.filter(({ closed }) => closed === 0).map(({ id }) => id);
  const use = (more: Partial<UseOptions<Resource>> = {}) => held(pool, { open, signal, ...more });
  /** Begins and ends a use, and tells what was used. */
  const useOnce = async (more: Partial<UseOptions<Resource>> = {}) => (await use(more)).end();
  return { pool, opened, open, openIds, use, useOnce };
}

interface Use {
  resource: Resource;
  next: () => Promise<Resource>;
  end: () => Promise<Resource>;
}

/** A use that goes on until the test ends it. */
async function held(pool: Pool<Resource>, options: UseOptions<Resource>): Promise<Use> {
  const begun = Promise.withResolvers<Use>();
  const over = Promise.withResolvers<void>();
  const using = pool.use(options, async (next) => {
    const resource = await next();
    const end = async () => {
      over.resolve();
      await using;
      return resource;
    };
    begun.resolve({ resource, next, end });
    await over.promise;
  });
  using.catch(begun.reject);
  return begun.promise;
}

/** Whether it has settled after all that needs no time. */
async function hasSettled(work: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  work.then(settle, settle);
  await new Promise(setImmediate);
  return settled;
}

describe('a pool', () => {
  test('opens nothing before the first use, and uses what it has opened again', async () => {
    const { opened, use, useOnce } = setUp();
    expect(opened).toEqual([]);
    const first = await use();
    expect(first.resource).toMatchObject({ id: 1, wasIdle: false });
    await first.end();
    expect(await useOnce()).toMatchObject({ id: 1, wasIdle: true });
  });

  test('passes on what the work returns and throws, and keeps what was used', async () => {
    const { pool, open, openIds } = setUp();
    expect(await pool.use({ open, signal }, async (next) => (await next()).id)).toBe(1);
    const failing = async (next: () => Promise<Resource>) => {
      await next();
      throw new Error('no such table');
    };
    await expect(pool.use({ open, signal }, failing)).rejects.toThrow('no such table');
    expect(openIds()).toEqual([1]);
  });

  test('has no more uses at a time than it may; the others wait for their turn', async () => {
    const { opened, use } = setUp({ max: 2 });
    const [first, second] = [await use(), await use()];
    const [third, fourth] = [use(), use()];
    expect(await hasSettled(third)).toBe(false);
    await second.end();
    expect((await third).resource).toBe(second.resource);
    expect(await hasSettled(fourth)).toBe(false);
    await first.end();
    expect((await fourth).resource).toBe(first.resource);
    expect(opened).toHaveLength(2);
  });

  test('frees the turn of work that has asked for nothing', async () => {
    const { pool, open, useOnce } = setUp({ max: 1 });
    await pool.use({ open, signal }, async () => undefined);
    expect(await useOnce()).toMatchObject({ id: 1 });
  });

  test('gives what was used last', async () => {
    const { use, useOnce } = setUp();
    const [first, second] = [await use(), await use()];
    await second.end();
    await first.end();
    expect((await useOnce()).id).toBe(1);
  });

  test('closes what was idle for long enough, and nothing that is used again meanwhile', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { openIds, use, useOnce } = setUp({ idleMs: 1000 });
      const [first, second] = [await use(), await use()];
      await first.end();
      await second.end();
      vi.advanceTimersByTime(999);
      const again = await use();
      vi.advanceTimersByTime(1);
      expect(openIds()).toEqual([2]);
      vi.advanceTimersByTime(10_000);
      await again.end();
      vi.advanceTimersByTime(999);
      expect(openIds()).toEqual([2]);
      vi.advanceTimersByTime(1);
      expect(openIds()).toEqual([]);
      expect((await useOnce()).id).toBe(3);
    } finally {
      vi.useRealTimers();
    }
  });

  test('does not keep the process alive for what is idle', async () => {
    const { useOnce } = setUp();
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    await useOnce();
    expect(timers()).toBe(before);
  });

  test('passes over what has ended while it was idle', async () => {
    const { opened, openIds, use, useOnce } = setUp();
    const [first, second] = [await use(), await use()];
    await first.end();
    await second.end();
    (opened[1] as Resource).isOpen = false;
    expect((await useOnce()).id).toBe(1);
    expect(openIds()).toEqual([1]);
  });

  test('closes what was broken in its use', async () => {
    const { use, useOnce, openIds } = setUp({ max: 1 });
    const first = await use();
    first.resource.isOpen = false;
    await first.end();
    expect(openIds()).toEqual([]);
    expect((await useOnce()).id).toBe(2);
    expect(openIds()).toEqual([2]);
  });

  test('gives another in place of one that turns out to be gone, in the same turn', async () => {
    const { use, useOnce, opened, openIds } = setUp({ max: 1 });
    await useOnce();
    const first = await use();
    const second = use();
    expect(await first.next()).toMatchObject({ id: 2, wasIdle: false });
    expect(opened[0]?.closed).toBe(1);
    expect(await hasSettled(second)).toBe(false);
    await first.end();
    expect((await second).resource.id).toBe(2);
    expect(openIds()).toEqual([2]);
  });

  test('gives an idle one in place of one that turns out to be gone', async () => {
    const { use, openIds } = setUp({ max: 2 });
    const [first, second] = [await use(), await use()];
    await first.end();
    expect(await second.next()).toMatchObject({ id: 1, wasIdle: true });
    await second.end();
    expect(openIds()).toEqual([1]);
  });
});

describe('what suits', () => {
  const suiting = (kind: string) => ({ suits: (idle: Resource) => idle.kind === kind });

  test('is taken, though something else was used later', async () => {
    const { open, useOnce } = setUp();
    for (const kind of ['a', 'b']) await useOnce({ ...suiting(kind), open: () => open(kind) });
    expect((await useOnce({ ...suiting('a') })).id).toBe(1);
  });

  test('is opened in place of what was idle longest, when there are as many as there may be', async () => {
    const { open, useOnce, openIds } = setUp({ max: 2 });
    for (const kind of ['a', 'b', 'c']) await useOnce({ ...suiting(kind), open: () => open(kind) });
    expect(openIds()).toEqual([2, 3]);
  });

  test('is opened in place of what is idle, also while others are in use', async () => {
    const { open, use, useOnce, openIds } = setUp({ max: 2 });
    await use();
    for (const kind of ['a', 'b']) await useOnce({ ...suiting(kind), open: () => open(kind) });
    expect(openIds()).toEqual([1, 3]);
  });
});

describe('a use at once', () => {
  test('takes what is idle', async () => {
    const { useOnce } = setUp();
    await useOnce();
    expect((await useOnce({ atOnce: true })).id).toBe(1);
  });

  test('waits for no turn, and what was opened beyond the limit is not kept', async () => {
    const { use, openIds } = setUp({ max: 1 });
    const first = await use();
    const beyond = await use({ atOnce: true });
    expect(openIds()).toEqual([1, 2]);
    const waiting = use();
    await first.end();
    expect(openIds()).toEqual([2]);
    expect(await hasSettled(waiting)).toBe(false);
    await beyond.end();
    expect((await waiting).resource.id).toBe(2);
  });

  test('leaves the place to others when it has ended', async () => {
    const { use, openIds } = setUp({ max: 1 });
    const first = await use();
    const beyond = await use({ atOnce: true });
    await beyond.end();
    expect(openIds()).toEqual([1]);
    const waiting = use();
    expect(await hasSettled(waiting)).toBe(false);
    await first.end();
    expect((await waiting).resource.id).toBe(1);
  });
});

/** A pool of one, and an opening that nobody waits for any more. */
async function abandoned() {
  const pool = setUp({ max: 1 });
  const answer = Promise.withResolvers<void>();
  const abort = new AbortController();
  const slow = { open: () => answer.promise.then(() => pool.open()), signal: abort.signal };
  const given = expect(pool.use(slow)).rejects.toThrow('enough');
  await new Promise(setImmediate);
  abort.abort(new Error('enough'));
  await given;
  return { ...pool, answer };
}

describe('an abort', () => {
  test('ends the waiting for a turn, and takes that from nobody', async () => {
    const { use, useOnce, opened } = setUp({ max: 1 });
    const first = await use();
    const abort = new AbortController();
    const given = expect(use({ signal: abort.signal })).rejects.toThrow('enough');
    const third = useOnce();
    abort.abort(new Error('enough'));
    await given;
    await first.end();
    expect((await third).id).toBe(1);
    expect(opened).toHaveLength(1);
  });

  test('before the use opens nothing', async () => {
    const { use, opened } = setUp();
    await expect(use({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    await expect(use({ signal: AbortSignal.abort(new Error('enough')), atOnce: true })).rejects.toThrow('enough');
    expect(opened).toEqual([]);
  });

  test('does not wait for what is being opened, nor do others; it is there for them when it comes', async () => {
    const { use, opened, openIds, answer } = await abandoned();
    const second = await use();
    expect(second.resource).toMatchObject({ id: 1, wasIdle: false });
    answer.resolve();
    await vi.waitFor(() => expect(opened).toHaveLength(2));
    await vi.waitFor(() => expect(openIds()).toEqual([1]));
    await second.end();
    expect((await use()).resource).toMatchObject({ id: 1, wasIdle: true });
  });

  test('keeps what was being opened, if there is room when it comes', async () => {
    const { use, opened, answer } = await abandoned();
    answer.resolve();
    await vi.waitFor(() => expect(opened).toHaveLength(1));
    expect((await use()).resource).toMatchObject({ id: 1, wasIdle: true });
  });
});

test('what cannot be opened fails its use, and frees the place', async () => {
  const { use, useOnce } = setUp({ max: 1 });
  const open = () => Promise.reject(new Error('Nothing listens'));
  await expect(use({ open })).rejects.toThrow('Nothing listens');
  await expect(use({ open })).rejects.toThrow('Nothing listens');
  expect((await useOnce()).id).toBe(1);
});

describe('disposing', () => {
  test('closes what is idle, once, and waits for that', async () => {
    const { pool, opened, useOnce } = setUp();
    const resource = await useOnce();
    const goodbye = Promise.withResolvers<void>();
    const close = vi.spyOn(resource, 'close').mockReturnValue(goodbye.promise);
    const disposed = pool[Symbol.asyncDispose]();
    expect(await hasSettled(disposed)).toBe(false);
    goodbye.resolve();
    await disposed;
    await pool[Symbol.asyncDispose]();
    expect(close).toHaveBeenCalledTimes(1);
    expect(opened).toHaveLength(1);
  });

  test('lets what is in use be closed when that ends', async () => {
    const { pool, use, openIds } = setUp();
    const first = await use();
    await pool[Symbol.asyncDispose]();
    expect(openIds()).toEqual([1]);
    await first.end();
    expect(openIds()).toEqual([]);
  });

  test('closes what has still been opening, and waits for that', async () => {
    const { pool, use, open, opened, openIds } = setUp();
    const answer = Promise.withResolvers<void>();
    const abort = new AbortController();
    const slow = { open: () => answer.promise.then(() => open()), signal: abort.signal };
    const given = expect(use(slow)).rejects.toThrow('enough');
    await new Promise(setImmediate);
    abort.abort(new Error('enough'));
    await given;
    const disposed = pool[Symbol.asyncDispose]();
    expect(await hasSettled(disposed)).toBe(false);
    answer.resolve();
    await disposed;
    expect(opened).toHaveLength(1);
    expect(openIds()).toEqual([]);
  });
});
