import { type TaskState, TaskwireClient } from '@taskwire/client';
import { loadConfig } from '@taskwire/config';
import { Command } from 'commander';
import { EXIT_CODE, type Finish } from '../exit-code.ts';
import { printJson } from '../output/print.ts';
import { printTaskResult } from '../output/print-task-result.ts';
import { visible } from '../output/terminal-text.ts';
import { secondsInMs } from '../seconds.ts';

interface ResultOptions {
  /** Seconds; true: no limit. */
  wait?: string | true;
  json?: boolean;
}

export function resultCommand(finish: Finish): Command {
  return new Command('result')
    .description('print the result of a task')
    .argument('<id>', 'task id')
    .option('--wait [seconds]', 'wait for the result, at most this long')
    .option('--json', 'print JSON')
    .action(async (taskId: string, { wait, json }: ResultOptions) => {
      const timeoutMs = wait === true ? undefined : secondsInMs('--wait', wait);
      await using client = new TaskwireClient(loadConfig().redis);
      const state: TaskState = wait
        ? { status: 'finished', result: await client.wait(taskId, timeoutMs === undefined ? {} : { timeoutMs }) }
        : await client.result(taskId);
      finish(await show(taskId, state, json ?? false));
    });
}

async function show(taskId: string, state: TaskState, json: boolean): Promise<number> {
  if (!('result' in state)) {
    const sentence = {
      pending: `The task ${taskId} has no result yet; --wait waits for it.`,
      unknown: `There is no task ${taskId}, or its result is no longer kept (results.ttl_seconds).`,
    }[state.status];
    if (json) printJson({ task_id: taskId, status: state.status });
    else process.stderr.write(`${visible(sentence)}\n`);
    return EXIT_CODE.noResult;
  }
  return await printTaskResult(state.result, { json });
}
