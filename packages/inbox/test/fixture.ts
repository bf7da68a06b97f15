import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Settled, Submission } from '@taskwire/admission';
import { type Environment, loadConfig, privateEnvironment } from '@taskwire/config';
import { type ErrorCode, jobIdOf, namedKey, resultKey, taskIdNamed, taskKey } from '@taskwire/protocol';
import { connect } from '@taskwire/redis';
import { createLogger } from '@taskwire/service';
import { Announcer } from '@taskwire/store';
import { createRegistry } from '@taskwire/tasks';
import { inject, onTestFinished, vi } from 'vitest';
import { InboxFolder } from '../src/inbox-folder.ts';
import { Serving, type ServingOptions } from '../src/serving.ts';

export type Submitted = Extract<Submission, { kind: 'request' }>;

/** The outcome of a submitted file; undefined: none for now, as when Redis is away or the processor is killed. */
export type Settle = (file: Submitted) => Settled | undefined | Promise<Settled | undefined>;

export interface FixtureOptions extends Partial<Pick<ServingOptions, 'halfWrittenMs' | 'scanIntervalMs'>> {
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

const NEVER_MS = 3_600_000;

const registry = await createRegistry([]);

export const reverse = (more: object = {}) => ({ task_type: 'reverse_string', parameters: { text: 'abc' }, ...more });

/** The id of the task that a file asks for. */
export function idOf({ validated }: Submitted): string | null {
  return validated.status === 'valid' ? validated.task.request.task_id : validated.rejection.task.task_id;
}

/**
 * A folder with keys and channels of its own, and stand-ins for admission and workers: the test says what becomes of a
 * submission, and when a task ends. Unless told otherwise it scans for files only once: all others it must see by events.
 */
export function setUpInbox({ redisUrl = inject('redisUrl'), directory, env = {}, ...times }: FixtureOptions = {}) {
  const id = randomUUID();
  const path = directory ?? mkdtempSync(join(tmpdir(), 'taskwire-inbox-'));
  if (!directory) onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  const config = loadConfig({
    env: privateEnvironment({
      REDIS_URL: redisUrl,
      TASKWIRE_REDIS_KEY_PREFIX: `{test-${id}}`,
      TASKWIRE_REDIS_CHANNELS_RESULTS_QUEUE: `results-${id}`,
      TASKWIRE_REDIS_CHANNELS_EVENTS: `events-${id}`,
      TASKWIRE_INBOX_DIRECTORY: path,
      ...env,
    }),
  });
  const folder = new InboxFolder(config.inbox);
  folder.prepare();
  const prefix = config.redis.key_prefix;
  const redis = connect({ config: config.redis, role: 'command', name: 'test' });
  const logger = createLogger({ service: 'test', level: 'silent' });
  const logged: string[] = [];
  for (const level of ['error', 'warn', 'info'] as const) {
    vi.spyOn(logger, level).mockImplementation((about: unknown, message?: string) => {
      logged.push(`${level}: ${message ?? about}`);
    });
  }
  const announcer = new Announcer({ redis, config, logger });
  onTestFinished(async () => {
    await announcer[Symbol.asyncDispose]();
    redis.disconnect();
  });

  /** What admission does with a file. */
  const admit: Settle = async ({ validated }) => {
    if (validated.status === 'rejected') return { status: 'refused', rejection: validated.rejection };
    const { task_id: taskId } = validated.task.request;
    const isEnded = (await redis.exists(resultKey(prefix, taskId))) === 1;
    const isNew = await redis.set(taskKey(prefix, taskId), `fingerprint|${jobIdOf(taskId)}.1|`, 'NX');
    return { status: 'durable', taskId, task: isEnded ? 'ended' : isNew ? 'new' : 'under_way' };
  };
  /** All that was submitted. */
  const submitted: Submitted[] = [];

  /** Starts serving the folder, as after a start of the processor. */
  const serve = async (settle: Settle = admit) => {
    const subscriber = connect({ config: config.redis, role: 'subscriber', name: 'test' });
    const serving = new Serving({
      halfWrittenMs: NEVER_MS,
      scanIntervalMs: NEVER_MS,
      ...times,
      folder,
      config,
      redis,
      subscriber,
      registry,
      instance: 'this one',
      logger,
      submit: (file) => {
        if (file.kind !== 'request') throw new Error(`submitted as ${file.kind}`);
        submitted.push(file);
        // The test may end before.
        void Promise.resolve(settle(file)).then(
          (settled) => settled && file.settle?.(settled),
          () => undefined,
        );
      },
    });
    onTestFinished(() => serving[Symbol.asyncDispose]());
    await serving.start();
    return { serving, subscriber };
  };

  /** What a worker does at the end of a task. */
  const end = (taskId: string, { result = {}, errorCode = 'task_failed', replyTo }: EndOptions = {}) => {
    const timestamp = new Date().toISOString();
    const about = { task_id: taskId, task_type: 'reverse_string', user_id: 7, metadata: {}, timestamp };
    const run = { attempts: 1, duration_ms: 5, queued_ms: 0 };
    const final = result
      ? ({ ...about, status: 'completed', result: result as Record<string, string>, ...run } as const)
      : ({ ...about, status: 'error', error: 'it broke', error_code: errorCode, ...run } as const);
    return announcer.final(final, JSON.stringify(final), replyTo);
  };

  const json = (path: string) => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined);
  const request = (name: string) => join(folder.requests, name);
  return {
    config,
    folder,
    redis,
    prefix,
    /** What was logged, as `error: message`. */
    logged,
    submitted,
    admit,
    serve,
    end,
    /** Ends a task where the inbox hears of it. */
    endHeard: (file: Submitted | undefined, options: EndOptions = {}) => {
      if (file?.validated.status !== 'valid') throw new Error('no valid file was submitted');
      const { task_id, reply_to } = file.validated.task.request;
      return end(task_id, { replyTo: reply_to, ...options });
    },
    /** The path of a file in `requests`. */
    request,
    /** Puts a file into `requests` at once, whole. */
    drop: (name: string, content: object | string | Buffer) => dropFile(request(name), content),
    /** Puts one there that an earlier run has accepted. */
    putAccepted: (name: string, content: object) => writeFileSync(join(folder.accepted, name), JSON.stringify(content)),
    /** The names in `requests`, without `rejected`. */
    left: () => readdirSync(folder.requests).filter((name) => name !== 'rejected'),
    accepted: () => readdirSync(folder.accepted).sort(),
    rejected: () => readdirSync(folder.rejected).sort(),
    results: () => readdirSync(folder.results).sort(),
    result: (name: string) => json(join(folder.results, `${name}.json`)),
    notification: (name: string) => json(join(folder.notifications, `${name}.json`)),
    status: () => json(folder.statusFile),
    /** The id of the task that the latest run of this name is. */
    taskOf: async (name: string) => taskIdNamed((await redis.get(namedKey(prefix, name))) ?? '', name),
  };
}

/** Writes a file under a name that is not taken, and renames it. */
function dropFile(path: string, content: object | string | Buffer): void {
  const isText = typeof content === 'string' || Buffer.isBuffer(content);
  const temporary = join(dirname(dirname(path)), 'dropped.tmp');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(temporary, isText ? content : JSON.stringify(content));
  renameSync(temporary, path);
}
