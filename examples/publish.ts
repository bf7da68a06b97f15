/** Publishes a task by the TypeScript client and prints its result. Needs a running taskwire. */
import { TaskwireClient } from '@taskwire/client';
import { loadConfig } from '@taskwire/config';

await using client = new TaskwireClient(loadConfig());

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
