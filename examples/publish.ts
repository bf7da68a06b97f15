/** Publishes a task by the TypeScript client and prints its result. Needs a running taskwire. */
import { redisSettings, TaskwireClient } from '@taskwire/client';

await using client = new TaskwireClient(redisSettings({ url: process.env.REDIS_URL }));

const result = await client.run(
  { task_type: 'reverse_string', parameters: { text: 'abc' }, user_id: 7 },
  { timeoutMs: 10_000 },
);
if (result.status === 'completed') {
  console.log(result.result.reversed_text);
} else {
  console.error(`${result.error_code}: ${result.error}`);
  process.exitCode = 1;
}
