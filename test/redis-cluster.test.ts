import { TaskwireClient } from '@taskwire/client';
import { type RedisServer, type ServiceProcess, type Stack, startRedisServer, startStack } from '@taskwire/testing';
import { expect, onTestFinished, test, vi } from 'vitest';

// A cluster takes seconds to form, a lease to end.
vi.setConfig({ testTimeout: 60_000 });

const SETTINGS = ['cluster-enabled yes', 'cluster-node-timeout 2000', 'repl-diskless-sync-delay 0'];
const RANGES = [
  [0, 5460],
  [5461, 10_922],
  [10_923, 16_383],
] as const;

const REQUEST = { task_type: 'reverse_string', parameters: { text: 'abc' } };
const ANSWER = { status: 'completed', result: { reversed_text: 'cba' } };

async function startNodes(count: number): Promise<RedisServer[]> {
  const nodes = await Promise.all(Array.from({ length: count }, () => startRedisServer(SETTINGS)));
  onTestFinished(async () => void (await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()))));
  return nodes;
}

/** Three masters that share the slots, and further nodes that have none yet. */
async function startCluster(further = 0): Promise<RedisServer[]> {
  const nodes = await startNodes(RANGES.length + further);
  await Promise.all(RANGES.map(([from, to], index) => nodes[index]?.command(`CLUSTER ADDSLOTSRANGE ${from} ${to}`)));
  for (const { port } of nodes.slice(1)) await nodes[0]?.command(`CLUSTER MEET 127.0.0.1 ${port}`);
  for (const node of nodes) {
    const info = async () => String(await node.command('CLUSTER INFO'));
    await expect.poll(info).toMatch(/state:ok/);
    await expect.poll(info).toContain(`known_nodes:${nodes.length}`);
  }
  return nodes;
}

async function startOnCluster(nodes: readonly RedisServer[]): Promise<Stack> {
  const env = { REDIS_URL: '', TASKWIRE_REDIS_CLUSTER: nodes.map(({ address }) => address).join(',') };
  const services = ['processor', 'processor', 'worker', 'web'] as const;
  const stack = await startStack({ redisUrl: nodes[0]?.url ?? '', services, processes: ['processor'], env });
  onTestFinished(() => stack[Symbol.asyncDispose]());
  return stack;
}

test('tasks run on a cluster; when the leading processor dies, the other one leads after its lease', async () => {
  const nodes = await startCluster();
  const stack = await startOnCluster(nodes);
  await using client = new TaskwireClient(stack.config.redis);
  await expect(client.run(REQUEST)).resolves.toMatchObject(ANSWER);

  // At a node that may be another one than that of the keys, of the subscriptions, or of both.
  for (const [index, node] of nodes.entries()) {
    const message = JSON.stringify({ ...REQUEST, task_id: `at-${index}` });
    await node.command(`PUBLISH ${stack.config.redis.channels.tasks[0]} ${message}`);
    await expect(stack.result(`at-${index}`)).resolves.toMatchObject(ANSWER);
  }

  const led = () => stack.services.filter((service) => service.output().includes('this processor leads'));
  expect(led()).toHaveLength(1);
  await (led() as ServiceProcess[])[0]?.kill();
  const killedAt = performance.now();
  await expect.poll(() => led().length).toBe(2);
  // Not because a node knows nobody who hears it.
  expect(performance.now() - killedAt).toBeGreaterThan(2000);
  await expect(client.run(REQUEST)).resolves.toMatchObject(ANSWER);
});

test('goes on when the master of its keys is killed and its replica is promoted', async () => {
  const nodes = await startCluster(1);
  const stack = await startOnCluster(nodes.toReversed());
  const slot = Number(await nodes[0]?.command(`CLUSTER KEYSLOT ${stack.config.redis.key_prefix}`));
  const owner = nodes[RANGES.findIndex(([, to]) => slot <= to)] as RedisServer;
  const replica = nodes.at(-1) as RedisServer;
  await replica.command(`CLUSTER REPLICATE ${await owner.command('CLUSTER MYID')}`);
  await expect.poll(async () => String(await replica.command('INFO replication'))).toContain('master_link_status:up');
  await using client = new TaskwireClient(stack.config.redis);
  await expect(client.run(REQUEST)).resolves.toMatchObject(ANSWER);
  await owner.kill();
  await expect.poll(() => replica.command('ROLE')).toContain('master');
  await expect.poll(() => client.run(REQUEST, { timeoutMs: 1000 }).catch(String)).toMatchObject(ANSWER);
});
