import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { loadConfig, privateEnvironment } from '@taskwire/config';
import { historianKey, resultsStreamKey } from '@taskwire/protocol';
import type { Logger, ServiceContext } from '@taskwire/service';
import { Redis } from 'ioredis';
import { inject, onTestFinished } from 'vitest';
import { History } from '../src/history.ts';

/** A results stream of its own, and histories that read it, as web servers do. */
export function setUp(env: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-history-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const name = `test-${randomUUID().slice(0, 8)}`;
  const given = { REDIS_URL: inject('redisUrl'), TASKWIRE_REDIS_KEY_PREFIX: `{${name}}` };
  const settings = { TASKWIRE_HISTORY_DIRECTORY: folder, ...given, ...env };
  const config = loadConfig({ env: privateEnvironment(settings), workingDirectory: folder });
  const redis = new Redis(inject('redisUrl'));
  onTestFinished(() => redis.disconnect());
  const key = resultsStreamKey(`{${name}}`);
  const logged: string[] = [];
  const log = (about: object | string, message = '') => void logged.push(`${JSON.stringify(about)} ${message}`);
  const logger = { info: log, warn: log, error: log, debug: log } as unknown as Logger;

  const open = () => {
    const context = { name: 'web', instance: randomUUID().slice(0, 8), config, logger } as ServiceContext;
    const history = new History({ context, redis });
    onTestFinished(() => history[Symbol.asyncDispose]());
    return history;
  };
  const start = () => {
    const history = open();
    history.start();
    return history;
  };
  /** A task ends: adds its result to the stream. */
  const end = async (taskId: string | null, more: object = {}, besides: string[] = []) => {
    const about = { task_id: taskId, task_type: 'add', user_id: null, metadata: {} };
    const run = { attempts: 1, duration_ms: 20, queued_ms: 5 };
    const result = { ...about, status: 'completed', result: {}, timestamp: new Date().toISOString(), ...run, ...more };
    return redis.xadd(key, '*', 'message', JSON.stringify(result), ...besides);
  };
  const pending = async () => Number((await redis.xpending(key, 'history'))[0]);
  const ids = async (history: History, filter = {}) =>
    (await history.find(filter, { limit: 1000 })).rows.map(({ id }) => id);
  const historian = historianKey(`{${name}}`);
  const path = join(folder, `${name}-0.sqlite`);
  /** Who did what, as anybody may read it. */
  const audits = () => auditsIn(path);
  return { env: settings, folder, path, audits, redis, key, historian, logged, open, start, end, pending, ids };
}

export function auditsIn(path: string) {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database.prepare('SELECT by, action, task_id, detail FROM audit ORDER BY at').all();
  } finally {
    database.close();
  }
}

export const FAILED = { status: 'error', result: undefined, error: 'it broke', error_code: 'task_failed' };
