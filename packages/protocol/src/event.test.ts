import { expect, test } from 'vitest';
import { eventSchema } from './event.ts';

const timestamp = '2026-11-21T12:00:00.123Z';
const about = { task_id: 't', task_type: 'a', user_id: '7', timestamp };
const gap = { task_id: null, task_type: null, user_id: null, timestamp, event: 'intake_gap' };

test.each([
  { ...about, event: 'accepted' },
  { ...about, event: 'started', attempt: 1 },
  { ...about, event: 'progress', progress: 0 },
  { ...about, event: 'progress', progress: 1, message: 'nearly done' },
  { ...about, event: 'retrying', attempt: 1, error: 'It went wrong', next_attempt_at: timestamp },
  { ...about, event: 'finished', status: 'completed' },
  { ...about, event: 'finished', status: 'error' },
  { ...about, event: 'cancel_requested' },
  { ...about, event: 'cancel_requested', task_type: null },
  { ...about, task_type: null, user_id: null, event: 'cancel_refused', reason: 'unknown' },
  { ...about, task_type: null, user_id: null, event: 'cancel_refused', reason: 'finished' },
  { ...gap, channels: ['tasks'], disconnected_at: timestamp },
])('accepts the event $event', (event) => {
  expect(eventSchema.parse(event)).toEqual(event);
});

test.each([
  ['an event of another name', { ...about, event: 'done' }],
  ['progress beyond the end', { ...about, event: 'progress', progress: 1.1 }],
  ['progress that is no number', { ...about, event: 'progress', progress: Number.NaN }],
  ['a finished task without its status', { ...about, event: 'finished' }],
  ['a refusal without its reason', { ...about, task_type: null, user_id: null, event: 'cancel_refused' }],
  ['an event about no task', { ...about, event: 'accepted', task_id: null }],
  ['a field that is not of the wire', { ...about, event: 'accepted', queue: 'default' }],
])('refuses %s', (_, event) => {
  expect(eventSchema.safeParse(event).success).toBe(false);
});
