import { newTaskId } from '@taskwire/protocol';
import { Command } from 'commander';
import { EXIT_CODE, type Finish } from '../exit-code.ts';
import { openClient, sayOnSilence, type WayOptions, withWayOption } from '../open-client.ts';
import { printTaskResult } from '../output/print-task-result.ts';
import { type RequestOptions, requestOf, withRequestOptions } from '../request-options.ts';
import { secondsInMs } from '../seconds.ts';

export function runCommand(finish: Finish): Command {
  return withWayOption(withRequestOptions(new Command('run')))
    .description('run a task and wait for its result')
    .option('--wait <seconds>', 'longest wait for the result; the task goes on afterwards')
    .action(async (type: string, words: string[], options: RequestOptions & WayOptions & { wait?: string }) => {
      const timeoutMs = secondsInMs('--wait', options.wait);
      const request = { task_id: newTaskId(), ...(await requestOf(type, words, options)) };
      await using client = openClient(options);
      sayOnCtrlC(
        `The task goes on. Its result: taskwire result ${request.task_id} --wait; to end it: taskwire cancel ${request.task_id}`,
      );
      const result = await client.run(request, {
        ...(timeoutMs !== undefined && { timeoutMs }),
        onSilence: sayOnSilence(),
      });
      finish(await printTaskResult(result, { json: Boolean(options.json) }));
    });
}

/** A user who stops waiting should know that the task goes on. */
function sayOnCtrlC(sentence: string): void {
  process.once('SIGINT', () => {
    process.stderr.write(`\n${sentence}\n`);
    process.exit(EXIT_CODE.interrupted);
  });
}
