import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';
import { type JsonValue, parseMessage } from '@taskwire/protocol';
import type { ServiceContext } from '@taskwire/service';
import { Roster } from '@taskwire/store';
import { MayStillRunError } from '@taskwire/tasks';
import { maskOf } from '@taskwire/tasks/masking';
import { checkpointText, type FurtherTask, failed, type LogLine, runHere } from '@taskwire/tasks/running';
import type { AttemptOutcome } from '../attempt.ts';
import { attributeConsole } from '../attribute-console.ts';
import { unknownToWorker } from '../failures.ts';
import { takeFault } from '../faults.ts';
import { jsonOf } from '../json-of.ts';
import { fractionOf } from '../ongoing-attempt.ts';
import { runHandler } from '../run-handler.ts';
import type { RunnableTask } from '../runnable-tasks.ts';
import { type AnswerLine, eachLine, errorOf, type Said, type TaskLine } from './lines.ts';

type Config = ServiceContext['config'];
type Tasks = ReadonlyMap<string, RunnableTask>;

/** The exit code of a process that ended because of SIGTERM. */
export const TERMINATED = 143;

/** How the process ended that took too much memory: a signal that nobody else sends. */
export const OVER_MEMORY = 'SIGUSR2';
const LOOK_INTERVAL_MS = 200;

/**
 * The life of a task process that runs handlers in TypeScript, one task at a time. The first line on its standard input is
 * the configuration of its worker.
 *
 * @param close lets go of what the tasks keep open between them, when the worker needs the process no more.
 */
export function serveTasks(
  create: (config: Config) => Promise<Tasks>,
  close: () => Promise<void> = async () => undefined,
): void {
  const write = ownStandardOutput();
  const say = (said: Said) => write(JSON.stringify(said));
  const run = { cancelled: false, onCancel: undefined as (() => void) | undefined };
  process.on('SIGTERM', () => {
    run.cancelled = true;
    if (run.onCancel) run.onCancel();
    else process.exit(TERMINATED);
  });
  // Ctrl-C reaches all processes of a terminal, but the worker says when to stop.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  /** Whether something of a task that has ended may still run here. */
  let isSpoilt = false;
  const onFault = (thrown: unknown) => {
    isSpoilt = true;
    if (takeFault(thrown, (fields, what) => say({ log: `${what}: ${inspect(fields)}` }))) return;
    process.stderr.write(`${inspect(thrown)}\n`);
    process.exit(1);
  };
  process.on('uncaughtException', onFault);
  process.on('unhandledRejection', onFault);
  const watch = watchedFromThread();

  attributeConsole();

  /** What was asked of the worker, and not answered yet. */
  const asked: PromiseWithResolvers<string>[] = [];
  const ask = (question: { checkpoint: JsonValue } | { submit: FurtherTask }) => {
    say(question);
    asked.push(Promise.withResolvers<string>());
    return asked.at(-1)?.promise as Promise<string>;
  };
  const answer = (line: AnswerLine) => {
    const question = asked.shift();
    if (line.error === undefined) question?.resolve('submitted' in line ? String(line.submitted) : '');
    else question?.reject(new Error(line.error));
  };

  const attempt = async (tasks: Tasks, task: TaskLine, logLevel: string): Promise<AttemptOutcome> => {
    const { task_id: taskId, user_id: userId, task_type, timeout_ms: timeoutMs, ...about } = task;
    const { parameters, metadata, attempt, checkpoint } = about;
    watch({ maxBytes: task.max_bytes });
    const { definition, handler } = tasks.get(task_type) ?? {};
    if (!definition || typeof handler !== 'function')
      return failed(unknownToWorker(`There is no task type ${task_type}`));
    const mask = maskOf(definition, parameters);
    let hasEnded = false;
    const progress = (fraction: number, message?: string) => {
      if (hasEnded) return;
      say({ progress: fractionOf(fraction), ...(message !== undefined && { message: String(message) }) });
    };
    // A line after the end would be that of the next task.
    const takeLine = ({ message: log, level, fields }: LogLine) => {
      if (hasEnded) process.stderr.write(`${task_type} ${taskId}: ${mask?.text(log) ?? log}\n`);
      else say({ log, level, fields });
    };
    const keep = async (value: JsonValue) => {
      checkpointText(value);
      await ask({ checkpoint: value });
    };
    const submit = (submit: FurtherTask) => ask({ submit });
    return runHandler({
      task,
      timeoutMs,
      takeLine,
      mask,
      run,
      stopSignal: new AbortController().signal,
      stops: new Roster(),
      handle: (signal, begin) => {
        begin();
        const told = { progress, takeLine, logLevel, keep, submit };
        const given = { parameters, taskId, userId, metadata, attempt, timeoutMs, signal, checkpoint };
        return runHere({ definition, handler }, { ...given, ...told });
      },
    }).finally(() => {
      hasEnded = true;
    });
  };
  const serve = async ({ config, tasks }: { config: Config; tasks: Tasks }, task: TaskLine) => {
    const outcome = await attempt(tasks, task, config.log.level);
    if (run.cancelled) {
      const mayStillRun = outcome.status === 'failed' && outcome.failure.cause instanceof MayStillRunError;
      if (mayStillRun) say({ error: errorOf(outcome.failure) });
      process.exit(TERMINATED);
    }
    if (outcome.status === 'returned' || 'json' in outcome) return;
    const limits = { taskType: task.task_type, maxBytes: config.results.max_bytes };
    const ended = outcome.status === 'failed' ? outcome : jsonOf({ result: outcome.result }, limits);
    // What it has taken, it may not give back.
    const isLarge = process.memoryUsage.rss() > (task.max_bytes ?? Number.POSITIVE_INFINITY) / 2;
    if (isSpoilt || isLarge) say({ spoilt: true });
    if (ended.status === 'json') write(ended.json);
    else say({ error: errorOf(ended.failure) });
  };

  let ready: Promise<{ config: Config; tasks: Tasks }> | undefined;
  eachLine(process.stdin, async (line) => {
    const told = parseMessage(line) as AnswerLine | TaskLine | Config;
    if ('checkpoint_kept' in told || 'submitted' in told) return answer(told);
    if (ready) return serve(await ready, told as TaskLine);
    const config = told as Config;
    ready = create(config).then((tasks) => ({ config, tasks }));
    await ready;
    say({ ready: true });
  });
  process.stdin.on('end', () => void close().finally(() => process.exit()));
}

/** Takes standard output for the lines of this process: what tasks print there goes to standard error. */
function ownStandardOutput(): (line: string) => void {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr);
  return (line) => void write(`${line}\n`);
}

/** Ends the process with its worker, which standard input tells, but not to a task that blocks; and when it takes too much. */
function watchedFromThread(): (limit: { maxBytes: number | undefined }) => void {
  // The parent is asked for here: on a busy machine the thread may begin when the worker is dead already.
  const watch = `
    let maxBytes;
    require('node:worker_threads').parentPort.on('message', (limit) => { maxBytes = limit.maxBytes; });
    setInterval(() => {
      if (process.ppid !== ${process.ppid}) process.kill(process.pid, 'SIGKILL');
      if (process.memoryUsage.rss() > maxBytes) process.kill(process.pid, '${OVER_MEMORY}');
    }, ${LOOK_INTERVAL_MS});`;
  const thread = new Worker(watch, { eval: true });
  thread.unref();
  return (limit) => thread.postMessage(limit);
}
