import { newTaskId } from '@taskwire/protocol';
import { expect, test } from 'vitest';
import { startApi } from './api-server.ts';

test('a task that was answered with 202 survives the kill of the web server, and asking again runs none twice', async () => {
  await using api = await startApi({ services: ['web'], processes: ['web'] });
  const ids = Array.from({ length: 400 }, () => newTaskId());
  const accepted: string[] = [];
  const waiting = ids.values();
  const submit = async (task_id: string) => {
    const answer = await api.submit({ task_type: 'reverse_string', parameters: { text: task_id }, task_id });
    expect(answer.status).toBe(202);
    accepted.push(task_id);
    if (accepted.length === 100) await api.stack.process('web').kill();
  };
  // A few at a time: the kill leaves some unanswered, and others that were never sent.
  const submitInTurn = async () => {
    for (const id of waiting) await submit(id);
  };
  await Promise.allSettled(Array.from({ length: 40 }, submitInTurn));
  expect(accepted.length).toBeGreaterThanOrEqual(100);
  expect(accepted.length).toBeLessThan(ids.length);

  await api.stack.start('worker');
  await Promise.all(accepted.map((id) => api.stack.result(id)));
  await api.stack.start('web');
  await Promise.all(ids.filter((id) => !accepted.includes(id)).map(submit));
  await Promise.all(ids.map((id) => api.stack.result(id)));
  const { results } = api.stack.config.redis.channels;
  const told = api.stack.recorder.all.filter(({ channel }) => channel === results).map(({ message }) => message);
  const ran = told.map(({ task_id, timestamp }) => `${task_id} ${timestamp}`);
  expect(new Set(ran).size).toBe(ids.length);
});
