import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { newTaskId } from '@taskwire/protocol';
import { type Stack, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

const run = promisify(execFile);
const redisUrl = new URL(inject('redisUrl'));
let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ redisUrl: inject('redisUrl'), services: ['processor', 'worker'] });
});

afterAll(() => stack?.[Symbol.asyncDispose]());

/** Debian's redis-py belongs to Debian's Python; another one may come first on the PATH. */
const PYTHON = '/usr/bin/python3';

function hasRedisPy(): boolean {
  try {
    execFileSync(PYTHON, ['-c', 'import redis'], { stdio: 'ignore' });
    return true;
  } catch {
    process.stdout.write('SKIPPED: no redis-py for /usr/bin/python3; npm run setup -- --dev installs it\n');
    return false;
  }
}

/** What a web application with redis-py does: subscribe, publish, wait for its message. */
const PYTHON_PUBLISHER = `
import json, sys, redis
host, port, tasks, results, request = sys.argv[1:]
r = redis.Redis(host=host, port=int(port))
p = r.pubsub(ignore_subscribe_messages=True)
p.subscribe(results)
while p.get_message(timeout=10) is None and not p.subscribed: pass
assert r.publish(tasks, request) == 1
wanted = json.loads(request)["user_id"]
for message in p.listen():
    result = json.loads(message["data"])
    if result["user_id"] == wanted:
        print(json.dumps(result))
        break
`;

test.skipIf(!hasRedisPy())('a Python program that only publishes and subscribes gets its result', async () => {
  const { tasks, results } = stack.config.redis.channels;
  const user_id = newTaskId();
  const request = { user_id, task_type: 'reverse_string', parameters: { text: 'é👋' } };
  const { hostname, port } = redisUrl;
  const args = [hostname, port, tasks[0], results, JSON.stringify(request)];
  const { stdout } = await run(PYTHON, ['-c', PYTHON_PUBLISHER, ...args]);
  expect(JSON.parse(stdout)).toMatchObject({ user_id, status: 'completed', result: { reversed_text: '👋é' } });
});

test('redis-cli publishes a task as a shell script would', async () => {
  const task_id = newTaskId();
  const request = { task_id, user_id: 7, task_type: 'reverse_string', parameters: { text: 'abc' } };
  const [channel] = stack.config.redis.channels.tasks;
  const args = ['-h', redisUrl.hostname, '-p', redisUrl.port, 'publish', channel, JSON.stringify(request)];
  const { stdout } = await run('redis-cli', args);
  expect(stdout.trim()).toBe('1');
  expect(await stack.result(task_id)).toMatchObject({ user_id: 7, result: { reversed_text: 'cba' } });
});
