import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Environment, loadConfig, privateEnvironment } from '@taskwire/config';
import { type ErrorCode, jobIdOf, taskKey } from '@taskwire/protocol';
import { connect } from '@taskwire/redis';
import { createLogger } from '@taskwire/service';
import { Announcer } from '@taskwire/store';
import { TaskRegistry } from '@taskwire/tasks';
import { inject, onTestFinished, vi } from 'vitest';
import { InboxFolder } from '../src/inbox-folder.ts';
import { Outbox } from '../src/outbox.ts';

export interface OutboxSetUp {
  /** Default: the one of all tests. */
  redisUrl?: string;
  /** Where the inbox is to be. Default: a folder of its own. */
  directory?: string;
  env?: Environment;
}

interface EndOptions {
  /** A SQL result, or any other; `false` for an error. */
  result?: object | false;
  errorCode?: ErrorCode;
  replyTo?: string | undefined;
}

/** An inbox with keys and channels of its own, and a worker that ends tasks as the test says. */
export function setUpOutbox({ redisUrl = inject('redisUrl'), directory, env = {} }: OutboxSetUp = {}) {
  const id = randomUUID();
  const inbox = directory ?? mkdtempSync(join(tmpdir(), 'taskwire-outbox-'));
  if (!directory) onTestFinished(() => rmSync(inbox, { recursive: true, force: true }));
  const config = loadConfig({
    env: privateEnvironment({
      REDIS_URL: redisUrl,
      TASKWIRE_REDIS_KEY_PREFIX: `{test-${id}}`,
      TASKWIRE_REDIS_CHANNELS_RESULTS_QUEUE: `results-${id}`,
      TASKWIRE_REDIS_CHANNELS_EVENTS: `events-${id}`,
      TASKWIRE_INBOX_DIRECTORY: inbox,
      ...env,
    }),
  });
  const folder = new InboxFolder(config.inbox);
  folder.prepare();
  const prefix = config.redis.key_prefix;
  const redis = connect({ config: config.redis, role: 'command', name: 'test' });
  const logger = createLogger({ service: 'test', level: 'silent' });
  const logged = { error: vi.spyOn(logger, 'error'), info: vi.spyOn(logger, 'info'), warn: vi.spyOn(logger, 'warn') };
  const announcer = new Announcer({ redis, config, logger });
  onTestFinished(async () => {
    await announcer[Symbol.asyncDispose]();
    redis.disconnect();
  });

  /** Starts serving the inbox, as after a start of the processor. */
  const open = async (resubmit: (taskId: string) => Promise<void> = async () => undefined) => {
    const subscriber = connect({ config: config.redis, role: 'subscriber', name: 'test' });
    const registry = new TaskRegistry();
    const outbox = new Outbox({ folder, config, redis, subscriber, registry, logger, resubmit });
    onTestFinished(() => outbox[Symbol.asyncDispose]());
    await outbox.start();
    return { outbox, subscriber };
  };

  /** What the intake does when a file has become a task. */
  const admit = (taskId: string) => redis.set(taskKey(prefix, taskId), `fingerprint|${jobIdOf(taskId)}.1|`);
  const moveToAccepted = (taskId: string, content: object = { task_type: 'shout', task_id: taskId }) =>
    writeFileSync(join(folder.accepted, `${taskId}.json`), JSON.stringify(content));

  /** What a worker does at the end of a task. */
  const end = (taskId: string, { result = {}, errorCode = 'task_failed', replyTo }: EndOptions = {}) => {
    const about = {
      task_id: taskId,
      task_type: 'shout',
      user_id: 7,
      metadata: {},
      timestamp: new Date().toISOString(),
    };
    const run = { attempts: 1, duration_ms: 5, queued_ms: 0 };
    const final = result
      ? ({ ...about, status: 'completed', result: result as Record<string, string>, ...run } as const)
      : ({ ...about, status: 'error', error: 'it broke', error_code: errorCode, ...run } as const);
    return announcer.final(final, JSON.stringify(final), replyTo);
  };

  const read = (path: string) => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined);
  return {
    config,
    folder,
    redis,
    prefix,
    announcer,
    logged,
    open,
    admit,
    moveToAccepted,
    end,
    result: (taskId: string) => read(join(folder.results, `${taskId}.json`)),
    notification: (taskId: string) => read(join(folder.notifications, `${taskId}.json`)),
    isOpen: (taskId: string) => existsSync(join(folder.accepted, `${taskId}.json`)),
    status: () => read(folder.statusFile),
    /** Resolves when this connection receives results again after a cut. */
    ready: (connection: ReturnType<typeof connect>) => once(connection, 'ready'),
  };
}

/** The arguments of `expect` for a task that names no channel of its own. */
export function openTask(outbox: Outbox, taskId: string, more: Partial<Parameters<Outbox['expect']>[0]> = {}) {
  return { taskId, taskType: 'shout', form: 'request', replyTo: outbox.replyTo, ...more } as const;
}
