import type { TaskState, TaskwireClient } from '@taskwire/client';
import { countedInWords } from '@taskwire/monitoring/status';
import type { TaskResult, TaskRun } from '@taskwire/protocol';
import { Command, Option } from 'commander';
import { UsageError } from '../command-error.ts';
import { EXIT_CODE, type Finish } from '../exit-code.ts';
import { taskMeantBy, waitForNamed } from '../named-task.ts';
import { openClient, sayOnSilence } from '../open-client.ts';
import { printJson } from '../output/print.ts';
import { printTaskResult } from '../output/print-task-result.ts';
import { printTaskRun } from '../output/print-task-run.ts';
import { visible } from '../output/terminal-text.ts';
import { secondsInMs } from '../seconds.ts';
import { type Output, outputOf } from '../sql/ask/run-options.ts';
import { FORMATS, type Format } from '../sql/show/format.ts';
import { sqlResultOf } from '../sql/show/sql-result.ts';

interface ResultOptions {
  /** Seconds; true: no limit. */
  wait?: string | true;
  json?: boolean;
  logs?: boolean;
  format?: Format;
  out?: string;
  bom?: boolean;
}

export function resultCommand(finish: Finish): Command {
  return new Command('result')
    .description('print the result of a task')
    .argument('<id>', 'task id, or the name of a file of the inbox: of its latest run')
    .option('--wait [seconds]', 'wait for the result, at most this long')
    .option('--json', 'print JSON')
    .option('--logs', 'and what it has logged, in all of its attempts, and where its handler threw')
    .addOption(new Option('--format <format>', 'of the rows of SQL, all of them').choices(FORMATS))
    .option('--out <folder>', 'write the rows of SQL to a file there, named after the task (default: CSV)')
    .option('--bom', 'begin CSV with a byte order mark, by which Excel knows UTF-8')
    .action(async (name: string, { wait, json = false, logs = false, ...rows }: ResultOptions) => {
      const wantsRows = rows.format !== undefined || rows.out !== undefined || rows.bom !== undefined;
      for (const [option, isSet] of Object.entries({ json, logs })) {
        if (wantsRows && isSet) throw new UsageError(`--${option} cannot be combined with --format and --out.`);
      }
      const output = wantsRows ? outputOf({ json, ...rows }) : undefined;
      const timeoutMs = wait === true ? undefined : secondsInMs('--wait', wait);
      await using client = openClient();
      const waiting = { ...(timeoutMs !== undefined && { timeoutMs }), onSilence: sayOnSilence() };
      const finished = wait ? await waitForNamed(name, client, waiting) : undefined;
      const taskId = finished?.task_id ?? (await taskMeantBy(name, client));
      const state: TaskState = finished ? { status: 'finished', result: finished } : await client.result(taskId);
      const run = logs ? ((await client.logs(taskId)) ?? null) : undefined;
      const isShown = !output || output.kind === 'wire' || !('result' in state) || state.result.status === 'error';
      finish(isShown ? await show(name, state, { client, json, run }) : await showRows(state.result, output));
    });
}

async function showRows(result: TaskResult, output: Exclude<Output, { kind: 'wire' }>): Promise<number> {
  const name = String(result.task_id);
  const rows = sqlResultOf(result);
  if (!rows) throw new UsageError(`The result of ${name} is none of SQL: it has no rows for --format and --out.`);
  const { present } = await import('../sql/show/present.ts');
  const { makeOutFolder } = await import('../sql/show/row-file.ts');
  if (output.kind === 'folder') await makeOutFolder(output.folder);
  const { signal } = new AbortController();
  await present(rows, { query: { name }, fileName: name, output, isOneOfMany: false, signal });
  return EXIT_CODE.ok;
}

async function show(
  taskId: string,
  state: TaskState,
  { client, json, run }: { client: TaskwireClient; json: boolean; run: TaskRun | null | undefined },
): Promise<number> {
  if (!('result' in state)) {
    const unread = state.status === 'unknown' && !json ? await client.unread() : 0;
    const sentence = {
      pending: `The task ${taskId} has no result yet; --wait waits for it.`,
      unknown:
        unread > 0
          ? `No processor has taken a task ${taskId}. Waiting in Redis for one: ${countedInWords(unread, 'request')}.`
          : `There is no task ${taskId}, or its result is no longer kept (results.ttl_seconds).`,
    }[state.status];
    if (json) printJson({ task_id: taskId, status: state.status, run });
    else process.stderr.write(`${visible(sentence)}\n`);
    if (run && !json) printTaskRun(run);
    return EXIT_CODE.noResult;
  }
  return await printTaskResult(state.result, { json, run });
}
