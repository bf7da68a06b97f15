import { randomBytes } from 'node:crypto';
import { type InboxForm, taskIdSchema } from '@taskwire/protocol';
import type { Outcome } from './result-file-outcome.ts';

/** What follows the name of a run in the name of its file in `accepted`. */
const FILE = /^(.+)\.([\da-f]{12})\.json$/s;

/** Keeps the whole within the 128 characters of a task id. */
const MAX_BASE_LENGTH = 100;

/** One file that was dropped, from when it leaves `requests` until its result file is there. */
export class Run {
  /** That of its result file: see `runNameOf`. */
  readonly name: string;
  /** The name of the request in `accepted`. */
  readonly file: string;
  /** Of its own, so that each file runs; the one that the file names, if it is a request that does. */
  taskId: string;
  /** What the file itself calls it; until that was read, the name. */
  queryId: string;
  /** Null until it was read, and for what is no request. */
  taskType: string | null = null;
  form: InboxForm = 'query';
  acceptedAt = new Date();
  isRunning = false;
  /** How it ended. */
  outcome: Outcome | undefined;

  /** A file that is about to leave `requests`. */
  static begin(name: string): Run {
    return new Run(name, randomBytes(6).toString('hex'));
  }

  /** One whose file is in `accepted`; undefined for what is none of ours. */
  static found(file: string): Run | undefined {
    const [, name, id] = FILE.exec(file) ?? [];
    if (name !== undefined) return new Run(name, id);
    // An earlier version named it after its task.
    const taskId = file.slice(0, -'.json'.length);
    return file.endsWith('.json') && taskIdSchema.safeParse(taskId).success ? new Run(taskId, undefined) : undefined;
  }

  private constructor(name: string, id: string | undefined) {
    this.name = name;
    this.queryId = name;
    this.file = id === undefined ? `${name}.json` : `${name}.${id}.json`;
    this.taskId = id === undefined ? name : taskIdOf(name, id);
  }
}

/** It begins with the name, so that people recognize it. */
function taskIdOf(name: string, id: string): string {
  return `${name.replace(/[^\w.~-]/g, '_').slice(0, MAX_BASE_LENGTH)}-${id}`;
}
