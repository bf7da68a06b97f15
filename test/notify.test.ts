import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type ServiceProcess, startService, startStack } from '@taskwire/testing';
import { expect, inject, onTestFinished, test } from 'vitest';

const redisUrl = inject('redisUrl');

interface Told {
  id: string;
  result: { task_id: string; status: string };
}

/** The program of a user that is told: it keeps what it gets, and answers when it is to. */
async function startReceiver() {
  const told: Told[] = [];
  const held: ServerResponse[] = [];
  const receiver = { told, held, holding: false, url: '', taskIds: () => told.map(({ result }) => result.task_id) };
  const server = createServer(async (request, response) => {
    told.push({ id: String(request.headers['webhook-id']), result: JSON.parse(await text(request)) });
    if (receiver.holding) held.push(response);
    else response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  return receiver;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-notify-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const reverse = (task_id: string) => ({ task_id, task_type: 'reverse_string', parameters: { text: 'abc' } });

test('command and webhook are told of every task that ended, also when the processor that leads is killed', async () => {
  const receiver = await startReceiver();
  const folder = temporaryFolder();
  const script = join(folder, 'notify.sh');
  const lines = join(folder, 'lines');
  writeFileSync(script, `#!/bin/sh\necho "$TASK_ID $TASK_TYPE $TASK_STATUS $(cat)" >> '${lines}'\n`, { mode: 0o755 });
  const env = {
    TASKWIRE_NOTIFY_COMMAND: script,
    TASKWIRE_NOTIFY_WEBHOOK: `${receiver.url}?key=s3cret`,
    TASKWIRE_NOTIFY_WEBHOOK_SECRET: 's3cret-too',
  };
  const services = ['processor', 'processor', 'worker'] as const;
  await using stack = await startStack({ redisUrl, services, processes: ['processor'], env });
  const leading = () => {
    const leader = stack.services.find(({ output }) => output().includes('this processor leads'));
    return leader as ServiceProcess | undefined;
  };
  await expect.poll(leading).toBeDefined();

  await stack.publish(reverse('completed'));
  await stack.publish({ ...reverse('refused'), parameters: { txt: 'abc' } });
  await stack.publish({ ...reverse('cancelled'), delay_ms: 3_600_000 });
  await stack.event('cancelled', 'accepted');
  await stack.cancel('cancelled');
  const message = await stack.result('completed');
  await stack.result('refused');
  await expect.poll(receiver.taskIds).toEqual(['completed', 'cancelled']);
  expect(receiver.told[0]?.result).toEqual(message);
  const commandLines = () => (existsSync(lines) ? readFileSync(lines, 'utf8').trim().split('\n').toSorted() : []);
  await expect.poll(commandLines).toHaveLength(2);
  expect(commandLines()[0]).toMatch(/^cancelled reverse_string cancelled \{.*"error_code":"cancelled".*\}$/);
  expect(commandLines()[1]).toBe(`completed reverse_string completed ${JSON.stringify(message)}`);

  // Some are told, but the processor dies before it can note that.
  receiver.holding = true;
  const many = Array.from({ length: 40 }, (_, index) => `one-of-many-${index}`);
  await Promise.all(many.map((taskId) => stack.publish(reverse(taskId))));
  await expect.poll(() => receiver.held).toHaveLength(8);
  const inDoubt = receiver.told.slice(-8);
  await leading()?.kill();
  receiver.holding = false;
  await expect.poll(() => new Set(receiver.taskIds())).toEqual(new Set(['completed', 'cancelled', ...many]));
  // The other processor told these again, exactly as they were.
  for (const told of inDoubt)
    await expect.poll(() => receiver.told.filter(({ id }) => id === told.id)).toEqual([told, told]);
  expect(new Set(receiver.told.map(({ id }) => id)).size).toBe(42);
  await expect.poll(() => new Set(commandLines().map((line) => line.split(' ')[0])).size).toBe(42);

  const said = stack.services.map(({ output }) => output()).join('');
  expect(said).toContain('the leading processor notifies of ended tasks');
  expect(said).not.toContain('s3cret');
});

test('a results stream that is switched off is refused at the start, by name', async () => {
  const start = startService('processor', {
    REDIS_URL: redisUrl,
    TASKWIRE_INBOX_ENABLED: 'false',
    TASKWIRE_NOTIFY_COMMAND: 'true',
    TASKWIRE_RESULTS_STREAM_MAX_LENGTH: '0',
  });
  await expect(start).rejects.toThrow(/results\.stream_max_length: must not be 0: notify\.command and notify\.webhook/);
});
