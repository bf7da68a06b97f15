import { randomBytes } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errorResultOf, type Settled, type Submission, type Validated, validateDecoded } from '@taskwire/admission';
import {
  type DecodeFileOptions,
  decodeInboxFile,
  FORGET_TASK_AFTER_S,
  givenName,
  NOBODY,
  namedKey,
  namedValue,
  type Rejection,
  runNameOf,
} from '@taskwire/protocol';
import type { ServiceContext } from '@taskwire/service';
import type { Redis } from 'ioredis';
import type { EndedTasks, Seen } from './ended-tasks.ts';
import type { InboxFolder } from './inbox-folder.ts';
import { readRequest } from './request-file.ts';
import type { Run } from './run.ts';

export interface SubmittingOptions extends Pick<ServiceContext, 'config' | 'registry' | 'instance'> {
  folder: InboxFolder;
  /** For commands. */
  redis: Redis;
  ended: EndedTasks;
  submit: (submission: Submission) => void;
  /** How long a file that is not JSON may stay unchanged before it is refused. */
  halfWrittenMs: number;
  signal: AbortSignal;
}

/**
 * - `refused`: it did not become a task; `message` is its result.
 * - `misplaced`: another file had taken the place of the one that began the run, and is back in `requests`.
 */
export type Submitted =
  | { status: 'durable'; seen: Promise<Seen> }
  | { status: 'refused'; message: string }
  | { status: 'misplaced' };

type Read = { validated: Validated; size: number } | 'misplaced';

/** How long to wait before a file for which there was no room is submitted again. */
const NO_ROOM_DELAY_MS = 100;

/** Makes tasks of the files in `accepted`. */
export class Submitting {
  readonly #options: SubmittingOptions;
  readonly #decoding: Omit<DecodeFileOptions, 'taskId'>;

  constructor(options: SubmittingOptions) {
    const { processor, inbox, sql } = options.config;
    const { connections } = sql;
    this.#options = options;
    this.#decoding = {
      maxBytes: processor.max_message_bytes,
      maxMetadataBytes: processor.max_metadata_bytes,
      query: {
        connection: inbox.connection ?? (Object.hasOwn(connections, 'databricks') ? 'databricks' : 'default'),
        timeoutMs: inbox.query_timeout_ms,
        maxRowsOf: (name) => (Object.hasOwn(connections, name) ? connections[name]?.max_rows : undefined),
      },
    };
  }

  /**
   * Submits what a file asks for. It may be done again: it is the same submission.
   *
   * @throws the error of the file system or of Redis; `signal.reason` when the processor stops before.
   */
  async submit(run: Run): Promise<Submitted> {
    const { ended, redis, config } = this.#options;
    const read = await this.#read(run);
    if (read === 'misplaced') return { status: 'misplaced' };
    const { validated, size } = read;
    const expires = config.results.ttl_seconds + FORGET_TASK_AFTER_S;
    const key = namedKey(config.redis.key_prefix, run.name);
    await redis.set(key, namedValue(String(idOf(validated)), run.queryId), 'EX', expires);
    const seen = ended.next(run.taskId);
    const settled = await this.#settled(run, validated, size);
    if (settled.status === 'refused') {
      ended.forget(run.taskId);
      return { status: 'refused', message: JSON.stringify(errorResultOf(settled.rejection)) };
    }
    ended.durable(run.taskId, settled.task === 'ended');
    return { status: 'durable', seen };
  }

  async #read(run: Run): Promise<Read> {
    const { folder, config, registry, ended, halfWrittenMs, signal } = this.#options;
    const path = join(folder.accepted, run.file);
    const { maxBytes } = this.#decoding;
    const file = await readRequest({ path, name: `${run.name}.json`, maxBytes });
    if (file.status === 'gone') return unknown(run, 'it was removed before it had ended');
    const given = givenName(file.bytes, run.name);
    if (runNameOf(given.name) !== run.name) {
      await rename(path, join(folder.requests, `${run.name}.${randomBytes(6).toString('hex')}.json`));
      return 'misplaced';
    }
    run.queryId = given.name;
    if (file.status === 'unusable') return { validated: named(run, file.rejection), size: 0 };
    const { bytes, stats } = file;
    if (!given.isJson) {
      // Somebody may still be writing it.
      const left = halfWrittenMs - (Date.now() - Number(stats.mtimeMs));
      if (left > 0 && left <= halfWrittenMs) {
        await delay(left, undefined, { signal, ref: false });
        return this.#read(run);
      }
    }
    const decoded = decodeInboxFile(bytes, { ...this.#decoding, taskId: run.taskId });
    const validated = validateDecoded(decoded, registry);
    run.form = decoded.form;
    if (validated.status === 'rejected') return { validated: named(run, validated.rejection), size: bytes.length };
    const { request, definition } = validated.task;
    run.taskId = request.task_id;
    run.taskType = request.task_type;
    run.acceptedAt = stats.ctime;
    const keptMs = config.results.ttl_seconds * 1000;
    if (Date.now() - run.acceptedAt.getTime() > keptMs && !(await ended.isKnown(run.taskId))) {
      const at = run.acceptedAt.toISOString();
      const why = `it was accepted at ${at}, and results are kept for ${keptMs / 1000} s (results.ttl_seconds)`;
      return unknown(run, why, request);
    }
    const task = { request: { ...request, reply_to: request.reply_to ?? ended.replyTo }, definition };
    return { validated: { ...validated, task }, size: bytes.length };
  }

  async #settled(run: Run, validated: Validated, size: number): Promise<Exclude<Settled, { status: 'no_room' }>> {
    const { submit, instance: answerer, signal } = this.#options;
    for (;;) {
      signal.throwIfAborted();
      const { promise, resolve } = Promise.withResolvers<Settled>();
      submit({ kind: 'request', id: run.file, origin: 'inbox', answerer, validated, size, settle: resolve });
      const settled = await promise;
      if (settled.status !== 'no_room') return settled;
      await delay(NO_ROOM_DELAY_MS, undefined, { signal, ref: false });
    }
  }
}

function idOf(validated: Validated): string | null {
  return validated.status === 'valid' ? validated.task.request.task_id : validated.rejection.task.task_id;
}

function named(run: Run, rejection: Rejection): Validated {
  const { task } = rejection;
  run.taskType = task.task_type;
  return { status: 'rejected', rejection: { ...rejection, task: { ...task, task_id: task.task_id ?? run.taskId } } };
}

function unknown(run: Run, why: string, task: Rejection['task'] = NOBODY): { validated: Validated; size: number } {
  const error = `The result of this file is not known: ${why}`;
  return { validated: named(run, { code: 'task_failed', error, task }), size: 0 };
}
