import type { TaskState, TaskwireClient } from '@taskwire/client';
import { countedInWords } from '@taskwire/monitoring';
import { Command } from 'commander';
import { EXIT_CODE, type Finish } from '../exit-code.ts';
import { openClient, sayOnSilence } from '../open-client.ts';
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
      await using client = openClient();
      const state: TaskState = wait
        ? {
            status: 'finished',
            result: await client.wait(taskId, {
              ...(timeoutMs !== undefined && { timeoutMs }),
              onSilence: sayOnSilence(),
            }),
          }
        : await client.result(taskId);
      finish(await show(taskId, state, { client, json }));
    });
}

async function show(
  taskId: string,
  state: TaskState,
  { client, json = false }: { client: TaskwireClient; json?: boolean | undefined },
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
    if (json) printJson({ task_id: taskId, status: state.status });
    else process.stderr.write(`${visible(sentence)}\n`);
    return EXIT_CODE.noResult;
  }
  return await printTaskResult(state.result, { json });
}
