import { type TaskState, TaskwireClient } from '@taskwire/client';
import { loadConfig } from '@taskwire/config';
import { Command } from 'commander';
import { EXIT_CODE, type Finish } from '../exit-code.ts';
import { print } from '../output/print.ts';
import { numberOf } from '../request-options.ts';
import { printTaskResult } from '../sql/show/print-task-result.ts';

interface ResultOptions {
  /** Seconds; true for as long as it takes. */
  wait?: string | true;
  json?: boolean;
}

export function resultCommand(finish: Finish): Command {
  return new Command('result')
    .description('print the result of a task')
    .argument('<id>', 'task id')
    .option('--wait [seconds]', 'wait for the result, at most so long')
    .option('--json', 'print JSON')
    .action(async (taskId: string, { wait, json }: ResultOptions) => {
      const seconds = wait === true ? undefined : numberOf('--wait', wait);
      await using client = new TaskwireClient(loadConfig());
      const state: TaskState = wait
        ? {
            status: 'finished',
            result: await client.wait(taskId, seconds === undefined ? {} : { timeoutMs: seconds * 1000 }),
          }
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
    if (json) print(JSON.stringify({ task_id: taskId, status: state.status }));
    else process.stderr.write(`${sentence}\n`);
    return EXIT_CODE.noResult;
  }
  if (json) print(JSON.stringify(state.result));
  else await printTaskResult(state.result);
  return state.result.status === 'completed' ? EXIT_CODE.ok : EXIT_CODE.failed;
}
