import { expect, test } from 'vitest';
import { Backlog } from './backlog.ts';
import type { Notification } from './notification.ts';

const at = (index: number) => ({ id: `${index}-0`, index });

function about(message = '{}'): Notification {
  return { id: 'msg_1', taskId: 'one', taskType: 'add', status: 'completed', message };
}

test('stands before the oldest that is not done, whatever else is', () => {
  const backlog = new Backlog(at(0));
  const first = backlog.add(about(), at(1));
  backlog.passOver(at(2));
  const second = backlog.add(about(), at(3));
  const third = backlog.add(about(), at(4));
  expect(backlog.read).toEqual(at(4));
  backlog.remove(third);
  expect(backlog.position).toEqual(at(0));
  backlog.remove(first);
  expect(backlog.position).toEqual(at(2));
  backlog.remove(second);
  expect(backlog.position).toEqual(at(4));
  backlog.passOver(at(5));
  expect(backlog.position).toEqual(at(5));
});

test('counts on behind what is gone', () => {
  const backlog = new Backlog(at(1));
  backlog.skip(7);
  expect(backlog.position).toEqual({ id: '1-0', index: 8 });
});

test('has no room when it holds many notifications, or a few large ones', () => {
  const backlog = new Backlog(at(0));
  const large = Array.from({ length: 4 }, (_, index) => backlog.add(about('x'.repeat(8 * 1024 * 1024)), at(index + 1)));
  expect(backlog.hasRoom).toBe(false);
  for (const delivery of large) backlog.remove(delivery);
  expect(backlog.hasRoom).toBe(true);
  const many = Array.from({ length: 100 }, (_, index) => backlog.add(about(), at(index + 5)));
  expect(backlog.hasRoom).toBe(false);
  backlog.remove(many[50] as (typeof many)[0]);
  expect(backlog.hasRoom).toBe(true);
});
