import { redisSettings, TaskwireClient } from '@taskwire/client';

const client = new TaskwireClient(redisSettings({ url: process.argv[2] ?? '' }));
try {
  const { status, ...result } = await client.run({ task_type: 'hello', parameters: { name: 'Ada' } });
  console.log(status, JSON.stringify('result' in result ? result.result : result));
} finally {
  await client[Symbol.asyncDispose]();
}
