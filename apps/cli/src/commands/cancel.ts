import { styleText } from 'node:util';
import type { CancelOutcome } from '@taskwire/client';
import { Command } from 'commander';
import { type ActOptions, actByFilter, isById } from '../act-by-filter.ts';
import { EXIT_CODE, type Finish } from '../exit-code.ts';
import { withFilterOptions } from '../filter-options.ts';
import { taskMeantBy } from '../named-task.ts';
import { openClient, type WayOptions, withWayOption } from '../open-client.ts';
import { print, printJson } from '../output/print.ts';
import { visible } from '../output/terminal-text.ts';
import { secondsInMs } from '../seconds.ts';

interface CancelOptions extends WayOptions {
  /** Seconds. */
  timeout?: string;
  wait: boolean;
  json?: boolean;
}

export function cancelCommand(finish: Finish): Command {
  return withFilterOptions(withWayOption(new Command('cancel')))
    .description('cancel tasks: waiting ones leave their queue, running ones are told to stop')
    .argument('[ids...]', 'task ids, or names of files of the inbox: of their latest runs; or else --user and so on')
    .option('--timeout <seconds>', 'longest wait for a running task to end (default: 10)')
    .option('--no-wait', 'do not wait for a running task to end')
    .option('--yes', 'do not ask before tasks are cancelled by --user and so on')
    .option('--json', 'print JSON lines')
    .action(async (ids: string[], options: CancelOptions & ActOptions) => {
      finish(isById(ids, options) ? await cancelTasks(ids, options) : await actByFilter('cancel', options));
    });
}

/** Cancels tasks and prints what became of each. @returns the exit code */
export async function cancelTasks(ids: readonly string[], options: CancelOptions): Promise<number> {
  const { timeout, wait, json, ...way } = options;
  const timeoutMs = wait ? secondsInMs('--timeout', timeout) : 0;
  await using client = openClient(way);
  const codes = await Promise.all(
    [...new Set(ids)].map(async (name) => {
      const taskId = await taskMeantBy(name, client);
      const outcome = await client.cancel(taskId, timeoutMs === undefined ? {} : { timeoutMs });
      if (json) printJson({ task_id: taskId, ...outcome });
      else print(lineOf(visible(taskId), outcome));
      return exitCodeOf(outcome, wait);
    }),
  );
  return Math.max(...codes);
}

function lineOf(taskId: string, outcome: CancelOutcome): string {
  switch (outcome.status) {
    case 'cancelled':
      return `${styleText('green', '✔ cancelled')} ${taskId}: ${visible(outcome.result.error)}`;
    case 'finished': {
      const { result } = outcome;
      const how = result.status === 'completed' ? 'completed' : `ended in ${result.error_code}`;
      return `${styleText('yellow', 'not cancelled')} ${taskId}: it had ${how} before; taskwire result ${taskId} prints its result`;
    }
    case 'requested':
      return `${styleText('yellow', 'cancel requested')} ${taskId}: it runs and is told to stop; taskwire result ${taskId} --wait waits for its end`;
    case 'unknown':
      return `${styleText('red', 'not cancelled')} ${taskId}: there is no such task, or it is no longer known`;
  }
}

/** The worst of several tasks counts. */
function exitCodeOf({ status }: CancelOutcome, wait: boolean): number {
  const codes: Record<CancelOutcome['status'], number> = {
    cancelled: EXIT_CODE.ok,
    requested: wait ? EXIT_CODE.noResult : EXIT_CODE.ok,
    finished: EXIT_CODE.failed,
    unknown: EXIT_CODE.noResult,
  };
  return codes[status];
}
