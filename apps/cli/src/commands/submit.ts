import { Command } from 'commander';
import { openClient, type WayOptions, withWayOption } from '../open-client.ts';
import { print } from '../output/print.ts';
import { type RequestOptions, requestOf, withRequestOptions } from '../request-options.ts';

export function submitCommand(): Command {
  return withWayOption(withRequestOptions(new Command('submit')))
    .description('submit a task and print its id; `taskwire result` fetches the result later')
    .action(async (type: string, words: string[], options: RequestOptions & WayOptions) => {
      const request = await requestOf(type, words, options);
      await using client = openClient(options);
      const taskId = await client.submit(request);
      print(options.json ? JSON.stringify({ task_id: taskId }) : taskId);
    });
}
