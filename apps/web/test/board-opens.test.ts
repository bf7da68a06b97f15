import { randomUUID } from 'node:crypto';
import { loadConfig, privateEnvironment } from '@taskwire/config';
import { expect, inject, test, vi } from 'vitest';
import { startBoard } from './board-server.ts';

const { faults } = vi.hoisted(() => ({ faults: [] as string[] }));

vi.mock('../src/board/open-board.ts', async (original) => {
  const { openBoard } = await original<typeof import('../src/board/open-board.ts')>();
  const faulty: typeof openBoard = async (options) => {
    const fault = faults.pop();
    if (fault !== undefined) throw new Error(fault);
    return openBoard(options);
  };
  return { openBoard: faulty };
});

async function start() {
  const env = privateEnvironment({
    REDIS_URL: inject('redisUrl'),
    TASKWIRE_REDIS_KEY_PREFIX: `{test-${randomUUID()}}`,
  });
  return await startBoard(loadConfig({ env }));
}

test('a board that could not be opened is opened for the next request', async () => {
  await using board = await start();
  faults.push('EMFILE: too many open files');
  const refused = await board.ask('GET', '/');
  expect(refused).toMatchObject({ status: 500, body: { error: { key: 'This did not work' } } });
  expect((await board.ask('GET', '/')).status).toBe(200);
});

test('a server whose board could not be opened closes', async () => {
  const board = await start();
  faults.push('EMFILE: too many open files');
  expect((await board.ask('GET', '/')).status).toBe(500);
  await board[Symbol.asyncDispose]();
});

test('what cannot be a type of content is refused as on the board', async () => {
  await using board = await start();
  const response = await fetch(`${board.url}/api/queues/default/add`, {
    method: 'POST',
    headers: { 'content-type': 'nonsense' },
    body: '{}',
  });
  expect(response.status).toBe(415);
  expect(await response.json()).toMatchObject({ error: { key: 'This did not work' } });
});
