import { expect, test } from 'vitest';
import { Backlog } from './backlog.ts';
import type { Notification } from './notification.ts';

const at = (index: number) => ({ id: `${index}-0`, index });

function about(message = '{}'): Notification {
  return { id: 'msg_1', taskId: 'one', taskType: 'add', status: 'completed', message };
}

const backlogAt = (index: number) => new Backlog({ position: at(index), told: [] });

test('stands before the oldest that is not done, whatever else is', () => {
  const backlog = backlogAt(0);
  const first = backlog.add(about(), at(1));
  backlog.passOver(at(2));
  const second = backlog.add(about(), at(3));
  const third = backlog.add(about(), at(4));
  expect(backlog.read).toEqual(at(4));
  backlog.remove(third);
  expect(backlog.progress.position).toEqual(at(0));
  backlog.remove(first);
  expect(backlog.progress.position).toEqual(at(2));
  backlog.remove(second);
  expect(backlog.progress.position).toEqual(at(4));
  backlog.passOver(at(5));
  expect(backlog.progress.position).toEqual(at(5));
});

test('remembers what is done behind the oldest that is not, for the next start', () => {
  const backlog = backlogAt(0);
  const slow = backlog.add(about(), at(1));
  backlog.remove(backlog.add(about(), at(2)));
  backlog.passOver(at(3));
  backlog.add(about(), at(4));
  const { progress } = backlog;
  expect(progress).toEqual({ position: at(0), told: ['2-0', '3-0'] });
  const next = new Backlog(progress);
  expect([1, 2, 3, 4].filter((index) => next.wasTold(at(index)))).toEqual([2, 3]);
  backlog.remove(slow);
  expect(backlog.progress).toEqual({ position: at(3), told: [] });
});

test('counts on behind what is gone', () => {
  const backlog = backlogAt(1);
  backlog.skip(7);
  expect(backlog.progress.position).toEqual({ id: '1-0', index: 8 });
});

test('has no room when it holds many notifications, or a few large ones', () => {
  const backlog = backlogAt(0);
  const large = Array.from({ length: 4 }, (_, index) => backlog.add(about('x'.repeat(8 * 1024 * 1024)), at(index + 1)));
  expect(backlog.hasRoom).toBe(false);
  for (const delivery of large) backlog.remove(delivery);
  expect(backlog.hasRoom).toBe(true);
  const many = Array.from({ length: 100 }, (_, index) => backlog.add(about(), at(index + 5)));
  expect(backlog.hasRoom).toBe(false);
  backlog.remove(many[50] as (typeof many)[0]);
  expect(backlog.hasRoom).toBe(true);
});
