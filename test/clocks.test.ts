import { StatusReader } from '@taskwire/monitoring/status';
import { startStack } from '@taskwire/testing';
import { expect, inject, test } from 'vitest';

/** Makes a service's clock differ from that of Redis. */
function clockAhead(ms: number) {
  const code = `const now = Date.now; Date.now = () => now() + ${ms}`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
}

test.each([
  ['a processor ahead, a worker behind', 120_000, -120_000],
  ['a processor behind, a worker ahead', -120_000, 120_000],
])(
  'with %s, a delay takes as long as it should, and both are seen consuming',
  async (_, processorMs, workerMs) => {
    await using stack = await startStack({
      redisUrl: inject('redisUrl'),
      services: [],
      processes: ['processor', 'worker'],
    });
    await Promise.all([stack.start('processor', clockAhead(processorMs)), stack.start('worker', clockAhead(workerMs))]);
    const at = performance.now();
    await stack.publish({ task_id: 'later', task_type: 'reverse_string', parameters: { text: 'a' }, delay_ms: 1500 });
    await stack.publish({ task_id: 'now', task_type: 'reverse_string', parameters: { text: 'a' } });
    const now = await stack.result('now');
    expect(now.queued_ms).toBeLessThan(1400);
    const later = await stack.result('later');
    expect(performance.now() - at).toBeGreaterThan(1400);
    expect(performance.now() - at).toBeLessThan(10_000);
    expect(later.queued_ms).toBeGreaterThan(1400);
    expect(later.queued_ms).toBeLessThan(10_000);

    const { config, redis } = stack;
    const reader = new StatusReader({ config, redis, queues: [] });
    const states = async () => (await reader.read()).services.map(({ service, state }) => `${service} ${state}`);
    await expect.poll(states).toEqual(['processor consuming', 'worker consuming']);
    const { services, findings } = await reader.read();
    for (const { started_at } of services) expect(Math.abs(Date.now() - Date.parse(started_at))).toBeLessThan(60_000);
    expect(findings.filter(({ level }) => level !== 'note')).toEqual([]);
  },
  60_000,
);
