import { TaskwireClient } from '@taskwire/client';
import { loadConfig } from '@taskwire/config';
import { Command } from 'commander';
import { print } from '../output/print.ts';
import { type RequestOptions, requestOf, withRequestOptions } from '../request-options.ts';

export function submitCommand(): Command {
  return withRequestOptions(new Command('submit'))
    .description('submit a task and print its id; `taskwire result` fetches the result later')
    .action(async (type: string, words: string[], options: RequestOptions) => {
      const request = await requestOf(type, words, options);
      await using client = new TaskwireClient(loadConfig().redis);
      const taskId = await client.submit(request);
      print(options.json ? JSON.stringify({ task_id: taskId }) : taskId);
    });
}
