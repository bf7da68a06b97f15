import { describe, expect, test } from 'vitest';
import type { BurstOf } from '../parts/burst.ts';
import { charts } from './charts.ts';
import { performancePage } from './page.ts';
import type { PartRun, Results } from './results.ts';

const machine = {
  ...{ cores: 2, cpu: 'A CPU', memoryGib: 8, system: 'Linux 6' },
  ...{ node: '24.0.0', redis: '7.0.15', bullmq: '6.7.0', celery: '5.2.6' },
};

/** Bursts of BullMQ at up to 10,000 a second and from 100 µs of CPU, and of taskwire at these figures, in three rounds. */
function resultsOf(perSecond: readonly number[], cpuUs: number): Results {
  const counts = { commands: 12, scripts: 2, bytesIn: 1000, bytesOut: 500 };
  const of = (contender: BurstOf['contender'], rates: readonly number[], redis: number): BurstOf => ({
    contender,
    tasks: 10_000,
    rounds: rates.map((rate) => ({ perSecond: rate, cpuUs: { redis, worker: redis }, ...counts })),
  });
  const bullmq = [10_000, 10_000, 10_000];
  const figures = [
    of('taskwire, PUBLISH', perSecond, cpuUs / 2),
    of('taskwire, XADD', perSecond, cpuUs / 2),
    of('BullMQ, one process', bullmq, 60),
    of('BullMQ, two processes', [9000, 9000, 9000], 50),
    of('Celery', [800, 800, 800], 500),
  ];
  return { machine, parts: { burst: run(figures) } };
}

function run<Figures>(figures: Figures): PartRun<Figures> {
  return {
    at: '2026-11-30T10:20:30.000Z',
    commit: 'abc1234',
    rounds: 3,
    seconds: 60,
    loadBefore: 0.25,
    loadAfter: 1.5,
    figures,
  };
}

describe('the page', () => {
  test('shows medians with their spread, and the ratio to the better way of BullMQ', () => {
    const page = performancePage(resultsOf([12_000, 17_000, 16_000], 45));
    expect(page).toContain('| taskwire, PUBLISH | 16,000 (12,000 to 17,000) |');
    expect(page).toContain('taskwire takes 1.60 (1.20 to 1.70) times as many tasks a second');
    expect(page).toContain('| taskwire, PUBLISH | 10,000 | 45.0 | 22.5 |  | 22.5 |  |');
    expect(page).toMatch(/CPU per task .* at most 0.5 \| 0.45 \| yes/);
  });

  test('says which targets are not met, and which parts were not measured', () => {
    const page = performancePage(resultsOf([14_000, 15_000, 14_900], 60));
    expect(page).toMatch(/CPU per task .* at most 0.5 \| 0.60 \| \*\*no\*\*/);
    expect(page).toMatch(/in a burst .* at least 1.5 \| 1.49 \(1.40 to 1.50\) \| \*\*no\*\*/);
    expect(page).toMatch(/memory per waiting task.* \| not measured \|/);
    expect(page).toContain('Not measured: rest. Run `npm run bench -- --only rest --write`');
  });

  test('names machine, versions, commit and load', () => {
    const page = performancePage(resultsOf([15_000, 15_000, 15_000], 50));
    expect(page).toContain('2 cores, A CPU, 8 GiB of memory, Linux 6');
    expect(page).toContain('Node 24.0.0, Redis 7.0.15, BullMQ 6.7.0, Celery 5.2.6');
    expect(page).toContain('| burst | abc1234 | 2026-11-30 10:20 | 3 | 60 | 0.25, 1.50 |');
  });

  test('says so when the machine was busy', () => {
    const results = resultsOf([15_000, 15_000, 15_000], 50);
    expect(performancePage(results)).not.toContain('busy when this began');
    Object.assign(results.parts.burst ?? {}, { loadBefore: 3.5 });
    expect(performancePage(results)).toContain('busy when this began (load 3.50)');
  });

  test('says how to get Celery where it is missing', () => {
    const { parts } = resultsOf([15_000, 15_000, 15_000], 50);
    const { celery: _, ...without } = machine;
    expect(performancePage({ machine: without, parts })).toContain('nothing is compared with it');
    expect(performancePage({ machine, parts })).not.toContain('nothing is compared with it');
  });

  test.each([
    ['the cores, when all processes together need too much', 100, /limit is the CPU of all processes/],
    ['nothing, when three times would fit', 60, /Neither forbids it/],
  ])('says what keeps a burst from three times BullMQ alone: %s', (_, cpuUs, words) => {
    // Three times is a task every 33 µs, and there are two cores.
    expect(performancePage(resultsOf([15_000, 15_000, 15_000], cpuUs))).toMatch(words);
  });
});

describe('the charts', () => {
  const all = charts(resultsOf([12_000, 17_000, 16_000], 45));

  test('are drawn of what was measured', () => {
    expect(Object.keys(all)).toEqual(['performance-cpu.svg', 'performance-burst.svg']);
  });

  test('have bars in proportion, and a line from the least to the most', () => {
    const widths = [...(all['performance-burst.svg'] ?? '').matchAll(/class="s0" .* width="([\d.]+)"/g)];
    const [publish, , bullmq] = widths.map(([, width]) => Number(width));
    expect((publish ?? 0) / (bullmq ?? 1)).toBeCloseTo(1.6, 1);
    expect(all['performance-burst.svg']).toMatch(/class="line"/);
  });

  test('cut off the bar of Celery, and say so', () => {
    expect(all['performance-cpu.svg']).toContain('>1,000, cut off<');
  });
});
