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
import { basename, dirname, join } from 'node:path';
import { type Settled, type Submission, validateDecoded } from '@taskwire/admission';
import { decodeInboxFile } from '@taskwire/protocol';
import type { Logger } from '@taskwire/service';
import { createRegistry } from '@taskwire/tasks';
import { onTestFinished } from 'vitest';
import { InboxFolder } from '../src/inbox-folder.ts';
import { InboxIntake, type InboxIntakeOptions } from '../src/inbox-intake.ts';
import type { OpenTask, RefusedFile } from '../src/open-task.ts';

export type SubmittedRequest = Extract<Submission, { kind: 'request' }>;

/** The outcome of a submitted file; undefined: none for now, as when Redis is away or the processor is killed. */
export type Settle = (file: SubmittedRequest) => Settled | undefined;

export interface IntakeFixture {
  folder: InboxFolder;
  intake: InboxIntake;
  /** All that was submitted. */
  pushed: SubmittedRequest[];
  /** What the outbox was told, in order, as `expect x`; and each `push x` between. */
  said: string[];
  expected: OpenTask[];
  refused: RefusedFile[];
  /** What was logged, as `error: message`. */
  logged: string[];
  /** Puts a file into `requests` at once, whole. */
  drop: (name: string, content: object | string | Buffer) => void;
  /** The path of a file in `requests`. */
  request: (name: string) => string;
  /** The names in `requests`, without `rejected`. */
  left: () => string[];
  accepted: () => string[];
  rejected: () => string[];
  /** The content of a `.error.json`. */
  explanation: (name: string) => Record<string, unknown>;
  /** Another intake on the same folder, as after a restart. */
  another: (options?: FixtureOptions) => Promise<IntakeFixture>;
}

export interface FixtureOptions
  extends Partial<Pick<InboxIntakeOptions, 'halfWrittenMs' | 'scanIntervalMs' | 'maxBytes'>> {
  settle?: Settle;
  /** Called when the outbox is to await a result. */
  onExpect?: () => void | Promise<void>;
  /** Called before the intake starts. */
  before?: (folder: InboxFolder) => void;
  /** Default: true. */
  start?: boolean;
  path?: string;
}

const NEVER_MS = 3_600_000;

const registry = await createRegistry([]);

export const reverse = (more: object = {}) => ({ task_type: 'reverse_string', parameters: { text: 'abc' }, ...more });

/** The id of the task that a file became. */
export function idOf({ validated }: SubmittedRequest): string | null {
  return validated.status === 'valid' ? validated.task.request.task_id : validated.rejection.task.task_id;
}

/** What the processor makes of a file: a task that is durable, or a refusal. */
export function settleAll({ validated }: SubmittedRequest): Settled {
  if (validated.status === 'rejected') return { status: 'refused', rejection: validated.rejection };
  return { status: 'durable', taskId: validated.task.request.task_id, task: 'new' };
}

/** The task of a file has become durable. */
export function settleDurably(file: SubmittedRequest | undefined): void {
  if (file) file.settle?.({ status: 'durable', taskId: String(idOf(file)), task: 'new' });
}

/**
 * An intake on its own folder, with stand-ins for the processor and the outbox. Unless the test says otherwise it scans for
 * files only once: all others it must see by events.
 */
export async function startIntake(options: FixtureOptions = {}): Promise<IntakeFixture> {
  const { settle = settleAll, before, start = true } = options;
  const path = options.path ?? mkdtempSync(join(tmpdir(), 'taskwire-intake-'));
  const folder = new InboxFolder({ directory: path, shared: false });
  folder.prepare();
  before?.(folder);
  const pushed: SubmittedRequest[] = [];
  const said: string[] = [];
  const expected: OpenTask[] = [];
  const refused: RefusedFile[] = [];
  const logged: string[] = [];
  const log = (level: string) => (about: unknown, message?: string) => logged.push(`${level}: ${message ?? about}`);
  const query = { connection: 'default', maxRows: undefined, timeoutMs: 1000 };
  const { maxBytes = 100_000, halfWrittenMs = NEVER_MS, scanIntervalMs = NEVER_MS } = options;
  const intake = new InboxIntake({
    folder,
    maxBytes,
    halfWrittenMs,
    scanIntervalMs,
    decode: (bytes, taskId) => {
      const decoded = decodeInboxFile(bytes, { maxBytes, taskId, query });
      return { form: decoded.form, validated: validateDecoded(decoded, registry) };
    },
    instance: 'this one',
    submit: (file) => {
      if (file.kind !== 'request') throw new Error(`submitted as ${file.kind}`);
      pushed.push(file);
      said.push(`push ${idOf(file)}`);
      const outcome = settle(file);
      if (outcome) setImmediate(() => file.settle?.(outcome));
    },
    outbox: {
      replyTo: 'results:inbox',
      async expect(task) {
        expected.push(task);
        said.push(`expect ${task.taskId}`);
        await options.onExpect?.();
      },
      accepted: (taskId) => {
        said.push(
          `accepted ${taskId}${existsSync(join(folder.accepted, `${taskId}.json`)) ? '' : ' without its file'}`,
        );
      },
      forget: (taskId) => {
        said.push(`forget ${taskId}`);
      },
      async refused(file) {
        refused.push(file);
        said.push(`refused ${file.name}`);
      },
    },
    logger: { error: log('error'), warn: log('warn'), info: log('info'), debug: () => undefined } as unknown as Logger,
  });
  onTestFinished(async () => {
    await intake[Symbol.asyncDispose]();
    rmSync(path, { recursive: true, force: true });
  });
  if (start) await intake.start();
  const request = (name: string) => join(folder.requests, name);
  return {
    folder,
    intake,
    pushed,
    said,
    expected,
    refused,
    logged,
    request,
    drop: (name, content) => dropFile(request(name), content),
    left: () => readdirSync(folder.requests).filter((name) => name !== 'rejected'),
    accepted: () => readdirSync(folder.accepted).sort(),
    rejected: () => readdirSync(folder.rejected).sort(),
    explanation: (name) => JSON.parse(readFileSync(join(folder.rejected, name), 'utf8')),
    another: (more) => startIntake({ ...options, before: () => undefined, path, ...more }),
  };
}

/** Writes a file under a name that is not taken, and renames it. */
function dropFile(path: string, content: object | string | Buffer): void {
  const isText = typeof content === 'string' || Buffer.isBuffer(content);
  const temporary = join(dirname(dirname(path)), 'dropped.tmp');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(temporary, isText ? content : JSON.stringify(content));
  renameSync(temporary, join(dirname(path), basename(path)));
}
