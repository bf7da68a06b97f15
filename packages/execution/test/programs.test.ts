import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineTask, type Program } from '@taskwire/tasks';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import type { Run } from '../src/run.ts';
import { runProgram } from '../src/task-process/run-program.ts';
import { type Context, TaskProcesses } from '../src/task-process/task-processes.ts';

const numbers = z.looseObject({ number: z.int().default(1) });
const options = { type: 'mine', description: 'For a test.', example: {}, parameters: numbers };

interface Given {
  parameters?: object;
  context?: Partial<Context>;
}

/** A program of a folder of its own. */
function open(script: string, { mode = 'simple', node = false }: { mode?: Program['mode']; node?: boolean } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-tasks-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'program'), script);
  const command: Program['command'] = [node ? process.execPath : 'sh', 'program'];
  const program: Program = { file: 'mine.task.json', folder, command, mode, processes: 1 };
  const config = { results: { max_bytes: 10_000 } };
  const processes = new TaskProcesses({ main: '/nowhere.ts', config, maxLost: 1 });
  onTestFinished(() => processes[Symbol.asyncDispose]());
  const begin = vi.fn();
  const log: string[] = [];
  const definition = defineTask({ ...options, result: z.looseObject({ number: z.int().optional() }) });
  const run = ({ parameters = {}, context: more }: Given = {}) => {
    const task = { task_id: 't', task_type: 'mine', parameters, user_id: 7, metadata: { a: 1 } };
    const context = {
      attempt: 1,
      timeoutMs: 60_000,
      signal: new AbortController().signal,
      progress: () => undefined,
      takeLine: ({ message }: { message: string }) => void log.push(message),
      submit: async () => 'further',
      checkpoint: undefined,
      keep: async () => undefined,
      ...more,
    };
    return runProgram(processes, { definition, program }, { task, timesLost: 0 } as unknown as Run, context, begin);
  };
  return { run, begin, log, folder };
}

describe('a simple program', () => {
  test('reads its task, prints its result, and what it says on standard error is logged', async () => {
    const { run, log } = open('echo begun >&2; printf done >&2; cat');
    expect(await run({ context: { checkpoint: { page: 2 } } })).toEqual({
      status: 'completed',
      result: expect.objectContaining({
        task_id: 't',
        parameters: { number: 1 },
        user_id: 7,
        attempt: 1,
        metadata: { a: 1 },
        checkpoint: { page: 2 },
      }),
    });
    expect(log).toEqual(['begun', 'done']);
  });

  test('runs in the folder of its file, in a new process for each task', async () => {
    const { run, folder } = open('printf \'{"at": "%s", "pid": %s}\' "$(pwd -P)" $$');
    const [first, second] = [await run(), await run()];
    expect(first).toMatchObject({ result: { at: folder } });
    expect(second).not.toEqual(first);
  });

  test('that ends with an exit code has failed, may be tried again, and its last lines say why', async () => {
    const script = 'i=0; while [ $i -lt 30 ]; do echo "line $i" >&2; i=$((i+1)); done; exit 3';
    const error = expect.stringMatching(/^sh program ended with exit code 3: line 10\n(?:.*\n)*line 29$/);
    const failure = { code: 'task_failed', error, retryable: true };
    expect(await open(script).run()).toMatchObject({ status: 'failed', failure });
  });

  test.each([
    ['echo Hello', '"Hello"'],
    ['echo "[1]"', '"[1]"'],
    ['true', 'nothing'],
  ])('that prints no JSON object has failed for good: %s', async (script, printed) => {
    const error = `sh program (mine.task.json) must print its result as a JSON object, and all else on standard error, but printed ${printed}`;
    expect(await open(script).run()).toMatchObject({ failure: { code: 'task_failed', error, retryable: false } });
  });

  test('whose result does not fit its schema has failed, by the name of the field', async () => {
    const error = expect.stringContaining('result.number');
    expect(await open('echo \'{"number": "x"}\'').run()).toMatchObject({ failure: { error, retryable: false } });
  });

  test('that prints too much is answered with that', async () => {
    const { run } = open('yes | head -c 3000000');
    expect(await run()).toMatchObject({ failure: { code: 'result_too_large' } });
  });

  test('that is killed has lost its worker, for good', async () => {
    const failure = { code: 'worker_lost', error: expect.stringContaining('(SIGKILL: oh)'), retryable: false };
    expect(await open('echo oh >&2; kill -9 $$').run()).toMatchObject({ status: 'failed', failure });
  });

  test('that is cancelled ends with all that it has started', async () => {
    const abort = new AbortController();
    const { run, folder } = open('sleep 60 & echo $! > pid; echo ready >&2; wait');
    const context = { signal: abort.signal, takeLine: () => abort.abort() };
    expect(await run({ context })).toEqual({ status: 'returned' });
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  test('that ignores SIGTERM is killed', async () => {
    const abort = new AbortController();
    const { run } = open("trap '' TERM; echo ready >&2; while :; do sleep 1; done");
    const context = { signal: abort.signal, takeLine: () => abort.abort() };
    expect(await run({ context })).toMatchObject({ status: 'failed' });
  });

  test('that cannot be started is not blamed on the task', async () => {
    const { run, begin, folder } = open('');
    rmSync(folder, { recursive: true });
    const failure = { error: expect.stringMatching(/^No process could be started/), retryable: true };
    expect(await run()).toMatchObject({ status: 'failed', failure });
    expect(begin).not.toHaveBeenCalled();
    writeFileSync(`${folder}`, '');
  });
});

/** A program in stream mode that does for each task what `handle` says. */
function stream(handle: string) {
  const script = `
    const say = (line) => console.log(JSON.stringify(line));
    const { createInterface } = require('node:readline');
    let count = 0;
    createInterface({ input: process.stdin }).on('line', (line) => {
      const task = JSON.parse(line);
      if ('checkpoint_kept' in task || 'submitted' in task) return say({ result: task });
      count += 1;
      ${handle}
    });`;
  return open(script, { mode: 'stream', node: true });
}

describe('a program in stream mode', () => {
  test('is used again, also after an error, and tells progress and log', async () => {
    const { run, log } = stream(`
      say({ progress: 0.5, message: 'half' });
      console.log('plain text');
      say({ log: 'a line' });
      if (count === 2) say({ error: 'no luck' });
      else console.log(' { "more": 1, "result" : ' + JSON.stringify({ count, pid: process.pid }) + ' }');`);
    const progress = vi.fn();
    const first = await run({ context: { progress } });
    expect(first).toEqual({ status: 'completed', result: { count: 1, pid: expect.any(Number) } });
    expect(await run()).toMatchObject({ failure: { code: 'task_failed', error: 'no luck', retryable: true } });
    expect(await run()).toMatchObject({ result: { count: 3 } });
    expect(progress.mock.calls).toEqual([[0.5, 'half']]);
    expect(log.slice(0, 2)).toEqual(['plain text', 'a line']);
  });

  test('leaves a checkpoint, and is told that it is kept', async () => {
    const kept: unknown[] = [];
    const context = { keep: async (value: unknown) => void kept.push(value) };
    const outcome = await stream('say({ checkpoint: { page: 3 } });').run({ context });
    expect(outcome).toEqual({ status: 'completed', result: { checkpoint_kept: true } });
    expect(kept).toEqual([{ page: 3 }]);
  });

  test('asks for further tasks, and is told their ids', async () => {
    const submit = vi.fn(async () => 't~1');
    const outcome = await stream("say({ submit: { task_type: 'more' } });").run({ context: { submit } });
    expect(outcome).toEqual({ status: 'completed', result: { submitted: 't~1' } });
    expect(submit.mock.calls).toEqual([[{ task_type: 'more' }]]);
  });

  test('says whether an error may be tried again', async () => {
    const { run } = stream("say({ error: { message: 'closed', retryable: false, stack: 'at line 7' } });");
    expect(await run()).toMatchObject({
      failure: { error: 'closed', retryable: false, cause: { stack: 'at line 7' } },
    });
  });

  test.each([
    ['{ reslut: {} }', 'The program wrote {"reslut":{}}, which is no progress, log, checkpoint, result or error'],
    ['{ result: 5 }', 'The program wrote {"result":5}, which is no progress'],
  ])('that writes %s has failed at once', async (line, error) => {
    const failure = { error: expect.stringContaining(error), retryable: false };
    expect(await stream(`say(${line});`).run()).toMatchObject({ failure });
  });

  test('that writes far too much in one line is answered with that, and ends', async () => {
    const { run } = stream("say({ result: task.attempt === 1 ? { text: 'x'.repeat(3e6) } : { count } });");
    expect(await run()).toMatchObject({ failure: { code: 'result_too_large' } });
    expect(await run({ context: { attempt: 2 } })).toMatchObject({ result: { count: 1 } });
  });

  test('that dies after other tasks gets the task once more; that dies at its first has lost it', async () => {
    const { run, begin } = stream(`
      if (task.parameters.number === 2 || count === 2) throw new Error('boom');
      say({ result: { pid: process.pid } });`);
    const first = await run();
    const second = await run();
    expect(second).toMatchObject({ status: 'completed' });
    expect(second).not.toEqual(first);
    expect(begin).toHaveBeenCalledTimes(3);
    const failure = { code: 'worker_lost', error: expect.stringContaining('Error: boom'), retryable: false };
    expect(await run({ parameters: { number: 2 } })).toMatchObject({ failure });
  });

  test('that prints no JSON and ends has lost its worker, with what it should have said', async () => {
    const { run } = stream("process.stdout.write('Hello'); process.exit(0);");
    const error = expect.stringMatching(
      /mine\.task\.json.* ended with exit code 0 before it answered with a line of JSON/,
    );
    expect(await run()).toMatchObject({ failure: { code: 'worker_lost', error, retryable: false } });
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
