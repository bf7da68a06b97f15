import { styleText } from 'node:util';
import { newTaskId } from '@taskwire/protocol';
import { connect } from '@taskwire/redis';
import { TaskRegistry } from '@taskwire/tasks';
import type { Redis } from 'ioredis';
import { EXIT_CODE } from '../exit-code.ts';
import { print } from '../output/print.ts';
import { type PrivateStack, rejectionOf } from './private-stack.ts';

/** The demo waits no longer than this for a result. */
const RESULT_TIMEOUT_MS = 20_000;

/** Publishes the example of every task type, and prints the results. */
export async function publishExamples({ config, signal }: PrivateStack): Promise<number> {
  const { tasks, results } = config.redis.channels;
  using connections = new DisposableStack();
  const connection = () => connect({ config: config.redis, role: 'client', name: 'demo' });
  const subscriber = connections.adopt(connection(), (redis) => redis.disconnect());
  const publisher = connections.adopt(connection(), (redis) => redis.disconnect());
  await subscriber.subscribe(results);
  let exitCode: number = EXIT_CODE.ok;
  for (const { type, example } of new TaskRegistry().definitions) {
    const request = JSON.stringify({ task_id: newTaskId(), task_type: type, user_id: 7, parameters: example });
    print(`\n${styleText('cyan', `PUBLISH ${tasks[0]}`)} ${request}`);
    const answered = nextMessage(subscriber);
    await publisher.publish(tasks[0], request);
    const timedOut = rejectionOf(AbortSignal.timeout(RESULT_TIMEOUT_MS));
    const result = await Promise.race([answered, timedOut, rejectionOf(signal)]);
    const completed = JSON.parse(result).status === 'completed';
    print(`${styleText(completed ? 'green' : 'red', `        ${results}`)} ${result}`);
    if (!completed) exitCode = EXIT_CODE.failed;
  }
  print('\nAll done; the stack stops and leaves nothing behind. `npx taskwire start` runs one that stays.');
  return exitCode;
}

function nextMessage(subscriber: Redis): Promise<string> {
  return new Promise((resolve) => subscriber.once('message', (_channel, message) => resolve(message)));
}
