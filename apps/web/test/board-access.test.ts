import { appRoutes } from '@bull-board/api/dist/routes.js';
import { newTaskId } from '@taskwire/protocol';
import { type Stack, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Asker, type BoardServer, startBoard, TASKS_FOLDER } from './board-server.ts';

let stack: Stack;
let board: BoardServer;
let job: string;

beforeAll(async () => {
  const env = { TASKWIRE_TASKS_FOLDERS: TASKS_FOLDER };
  stack = await startStack({ redisUrl: inject('redisUrl'), services: ['processor'], env });
  board = await startBoard(stack.config);
  const task_id = newTaskId();
  await stack.publish({ task_id, task_type: 'reverse_string', parameters: { text: 'abc' } });
  await stack.event(task_id, 'accepted');
  job = await board.jobOf(task_id);
});

afterAll(async () => {
  await board?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
});

/** Everything in Bull Board that changes something. */
const CHANGES = appRoutes.api
  .flatMap(({ method, route }) => [route].flat().map((path) => ({ method: [method].flat()[0] as string, path })))
  .filter(({ method }) => method !== 'get');

const REFUSED = /obliterate|update-data|job-schedulers|remove-unprocessed-children/;

function ask({ method, path }: (typeof CHANGES)[number], of: BoardServer, asker: Asker) {
  const filled = path
    .replace(':queueName', 'default')
    .replace(':jobId', job)
    .replace(':queueStatus', 'failed')
    .replace(':schedulerId', 'any');
  return of.ask(method.toUpperCase(), filled, {}, asker);
}

test('there is something to refuse', () => {
  expect(CHANGES.length).toBeGreaterThan(20);
});

describe.each(CHANGES)('$method $path', (change) => {
  test('is refused to who may only look, and to nobody in particular', async () => {
    for (const asker of ['viewer', 'nobody'] as const) {
      expect(await ask(change, board, asker)).toMatchObject({
        status: 403,
        body: { message: expect.stringMatching(/operator/) },
      });
    }
  });

  test(REFUSED.test(change.path) ? 'is refused to everybody, with a sentence' : 'is open to operators', async () => {
    const { status, body } = await ask(change, board, 'operator');
    if (REFUSED.test(change.path)) {
      expect({ status, message: body.message }).toEqual({ status: 405, message: expect.stringMatching(/^[A-Z].*\.$/) });
    } else {
      expect([403, 405]).not.toContain(status);
    }
  });
});

describe('who may only look', () => {
  test('gets no buttons', async () => {
    const { body } = await board.ask('GET', '/api/queues', undefined, 'viewer');
    expect(body.queues).toHaveLength(2);
    const flags = { readOnlyMode: true, allowRetries: false, allowCompletedRetries: false };
    for (const queue of body.queues) expect(queue).toMatchObject(flags);
    const { body: forOperator } = await board.ask('GET', '/api/queues');
    for (const queue of forOperator.queues) expect(queue).toMatchObject({ readOnlyMode: false, allowRetries: true });
  });

  test('sees jobs', async () => {
    const task_id = newTaskId();
    await stack.publish({ task_id, task_type: 'reverse_string', parameters: { text: 'abc' } });
    await stack.event(task_id, 'accepted');
    const path = `/api/queues/default/${await board.jobOf(task_id)}`;
    expect(await board.ask('GET', path, undefined, 'viewer')).toMatchObject({
      status: 200,
      body: { job: { data: { parameters: { text: 'abc' } } }, status: 'waiting' },
    });
  });
});

test('the page names the product and loads nothing from elsewhere', async () => {
  const { text, status } = await board.ask('GET', '/');
  expect(status).toBe(200);
  expect(text).toMatch(/<title>\s*taskwire\s*<\/title>/);
  expect(text).toContain('<base href="/board/"');
  expect(text).not.toMatch(/(href|src)="(https?:)?\/\//);
});
