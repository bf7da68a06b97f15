import type { KeptFilter } from '@taskwire/history';
import { type ErrorDetail, errorDetailsOf, parseMessage } from '@taskwire/protocol';
import type { WaitingState, WaitingTask } from '@taskwire/queue';
import type { TaskDefinition } from '@taskwire/tasks';
import { maskedParameters } from '@taskwire/tasks/masking';
import type { Bounds } from '../access/bounds.ts';
import { pointInTime, TIME_FORMS } from './relative-time.ts';
import { type TaskFilter, taskFilterSchema } from './task-document.ts';

/** A filter that was understood. Times are in ms since 1970. */
export interface SearchFilter extends KeptFilter {
  /** Undefined: of ended tasks, none. */
  states: WaitingState[];
  /** Whether tasks that have ended may fit. */
  ended: boolean;
}

export type ReadFilter = { status: 'read'; filter: SearchFilter } | { status: 'faulty'; details: ErrorDetail[] };

const WAITING_STATES = ['running', 'waiting', 'delayed'] as const;

/** Reads a filter as it comes from outside. */
export function readFilter(given: unknown, now = new Date()): ReadFilter {
  const parsed = taskFilterSchema.safeParse(given);
  if (!parsed.success) {
    return { status: 'faulty', details: errorDetailsOf(parsed.error, '', Object.keys(taskFilterSchema.shape)) };
  }
  const { since, until, user, type, status, ...same } = parsed.data;
  const times = { since: timeOf(since, now), until: timeOf(until, now) };
  const details = (['since', 'until'] as const)
    .filter((name) => parsed.data[name] !== undefined && times[name] === undefined)
    .map((path) => ({ path, message: `must be a time: ${TIME_FORMS}` }));
  if (details.length > 0) return { status: 'faulty', details };
  const states = WAITING_STATES.filter((state) => (status ?? state) === state && same.code === undefined);
  const ofEnd = status === 'completed' || status === 'error' ? status : undefined;
  const ended = status === undefined || ofEnd !== undefined;
  const users = user === undefined ? undefined : usersMeantBy(user);
  const types = type === undefined ? undefined : [type];
  return { status: 'read', filter: { ...same, ...times, users, types, status: ofEnd, states, ended } };
}

function timeOf(text: string | undefined, now: Date): number | undefined {
  return text === undefined ? undefined : pointInTime(text, now);
}

/** 7 means the number and the text, as JSON: a number as tasks keep it, so 7.0 is 7, too. */
export function usersMeantBy(user: NonNullable<TaskFilter['user']>): string[] {
  const isValue = user === 'null' || /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(user);
  const kept = (json: string) => JSON.stringify((parseMessage(`{"user_id":${json}}`) as { user_id: unknown }).user_id);
  return [...(isValue ? [kept(user)] : []), JSON.stringify(user)];
}

/** A bound token searches among its own tasks: also pages and cursors tell it of no others. */
export function within(bounds: Bounds | undefined, filter: SearchFilter): SearchFilter {
  if (!bounds) return filter;
  const { userId, taskTypes } = bounds;
  const own = userId === undefined ? undefined : usersWithin(String(userId));
  return { ...filter, users: inBoth(filter.users, own), types: inBoth(filter.types, taskTypes), strict: true };
}

/** Of what it means, what `whyOutside` lets in: digit for digit, and never nobody. */
function usersWithin(userId: string): string[] {
  const same = [userId, JSON.stringify(userId)];
  return usersMeantBy(userId).filter((user) => user !== 'null' && same.includes(user));
}

function inBoth(asked: readonly string[] | undefined, allowed: readonly string[] | undefined) {
  return asked && allowed ? asked.filter((each) => allowed.includes(each)) : (asked ?? allowed);
}

/** Whether a task that has not ended fits. */
export function fitsFilter({ task }: WaitingTask, filter: SearchFilter, definition?: TaskDefinition): boolean {
  const { id = '', types, users, since = 0, until = Number.POSITIVE_INFINITY, text = '' } = filter;
  if (!task.task_id.startsWith(id) || (types && !types.includes(task.task_type))) return false;
  if (users && !users.includes(JSON.stringify(task.user_id))) return false;
  if (task.acceptedAt < since || task.acceptedAt >= until) return false;
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const searched = JSON.stringify([maskedParameters(definition, task.parameters), task.metadata]).toLowerCase();
  return words.every((word) => searched.includes(JSON.stringify(word).slice(1, -1)));
}
