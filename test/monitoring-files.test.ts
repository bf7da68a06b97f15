import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parser } from '@prometheus-io/lezer-promql';
import { ServiceMetrics } from '@taskwire/monitoring';
import { freePort } from '@taskwire/redis';
import { startStack } from '@taskwire/testing';
import { beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { parse as parseYaml } from 'yaml';

interface Panel {
  id: number;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string }[];
}

/** A metric of prom-client, which does not declare this. */
interface Defined {
  name: string;
  labelNames: string[];
}

const dashboard = JSON.parse(read('grafana-dashboard.json')) as {
  panels: Panel[];
  templating: { list: { name: string; query: string | { query: string } }[] };
};
const rules = parseYaml(read('prometheus-rules.yml')).groups[0].rules as { alert: string; expr: string }[];

const expressions = [
  ...dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => [`panel ${title}`, expr] as const),
  ),
  ...rules.map(({ alert, expr }) => [`alert ${alert}`, expr] as const),
  ...dashboard.templating.list.flatMap(({ name, query }) =>
    typeof query === 'string' ? [] : valuesOf(name, query.query),
  ),
].map(([name, expr]) => [name, expr.replaceAll('$__rate_interval', '5m')] as const);

/** What Prometheus adds to each sample. */
const OF_PROMETHEUS = ['job', 'instance'];

/** Metric → its labels, as Prometheus stores them. */
const metrics = new Map<string, Set<string>>([['up', new Set(OF_PROMETHEUS)]]);

beforeAll(async () => {
  const port = await freePort();
  const env = {
    TASKWIRE_WEB_PORT: String(port),
    TASKWIRE_TASKS_FOLDERS: fileURLToPath(new URL('tasks', import.meta.url)),
  };
  const services = ['processor', 'worker', 'sql-worker', 'web'] as const;
  await using stack = await startStack({ redisUrl: inject('redisUrl'), services, env });
  // So that each counter of tasks has a sample.
  await stack.publish({ task_id: 'good', task_type: 'fail_at_first', parameters: { failures: 1 } });
  await stack.publish({ task_id: 'bad', task_type: 'fail_at_first', parameters: { failures: 1, permanently: true } });
  await stack.publish({ task_id: 'unknown', task_type: 'fail_at_last' });
  await Promise.all(['good', 'bad', 'unknown'].map((id) => stack.result(id)));
  const text = await vi.waitFor(
    async () => {
      const answer = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      for (const sample of [
        'task_errors_total',
        'task_retries_total',
        'messages_rejected_total',
        'service_lag_seconds',
      ])
        expect(answer).toContain(`taskwire_${sample}{`);
      return answer;
    },
    { timeout: 15_000, interval: 200 },
  );
  for (const [, name = '', type] of text.matchAll(/^# TYPE (\S+) (\w+)$/gm)) {
    for (const suffix of type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']) {
      metrics.set(name + suffix, new Set(OF_PROMETHEUS));
    }
  }
  for (const [, name = '', labels = ''] of text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) {
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) metrics.get(name)?.add(label);
  }
  // A counter that has counted nothing has no sample yet.
  for (const { name, labelNames } of new ServiceMetrics().registry.getMetricsAsArray() as unknown as Defined[]) {
    for (const label of labelNames) metrics.get(name)?.add(label);
  }
});

describe.each(expressions)('%s', (_, expr) => {
  test('is PromQL, of metrics and labels that there are', () => {
    const { faults, used } = readExpression(expr);
    expect(faults).toEqual([]);
    expect(used.length).toBeGreaterThan(0);
    for (const { metric, labels } of used) {
      expect([...metrics.keys()]).toContain(metric);
      expect([...(metrics.get(metric) ?? [])]).toEqual(expect.arrayContaining(labels));
    }
  });
});

test('every metric of taskwire is on the dashboard or in a rule, or is named here', () => {
  const used = new Set(expressions.flatMap(([, expr]) => readExpression(expr).used.map(({ metric }) => metric)));
  const unused = [...metrics.keys()].filter((name) => !used.has(name) && !/_(sum|count)$/.test(name));
  expect(unused.sort()).toEqual(['taskwire_queue_paused', 'taskwire_task_latency_seconds_bucket']);
});

test('panels have ids of their own, and none lies on another', () => {
  const { panels } = dashboard;
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
});

function read(file: string): string {
  return readFileSync(fileURLToPath(new URL(`../monitoring/${file}`, import.meta.url)), 'utf8');
}

/** The metric and the label of a Grafana variable. */
function valuesOf(name: string, query: string): [string, string][] {
  const [, of = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? [];
  return [[`variable ${name}`, `count by (${label}) (${of})`]];
}

/** The metrics in an expression, each with the labels that are matched on it, and those by which it is grouped. */
function readExpression(expr: string) {
  const faults: string[] = [];
  const used: { metric: string; labels: string[] }[] = [];
  let grouping: string[] = [];
  let isSelector = false;
  const text = (node: { from: number; to: number }) => expr.slice(node.from, node.to);
  parser.parse(expr).iterate({
    enter: (node) => {
      if (node.type.isError) faults.push(`at ${node.from}: ${expr.slice(node.from)}`);
      if (node.name === 'AggregateExpr') grouping = [];
      if (node.name === 'VectorSelector') {
        isSelector = true;
        used.push({ metric: '', labels: [...grouping] });
      }
      const selector = used.at(-1);
      if (node.name === 'Identifier' && selector?.metric === '') selector.metric = text(node);
      if (node.name === 'LabelName') (isSelector ? selector?.labels : grouping)?.push(text(node));
    },
    leave: (node) => {
      if (node.name === 'VectorSelector') isSelector = false;
      if (node.name === 'AggregateExpr') grouping = [];
    },
  });
  return { faults, used };
}
