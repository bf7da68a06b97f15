import type { PartName } from '../parts/index.ts';
import { digits, table } from './format.ts';
import type { PartRun, Results } from './results.ts';
import { sections } from './sections.ts';
import { targets } from './targets.ts';

const NAMES = Object.keys(sections) as PartName[];

/** docs/performance.md: nothing in it comes from elsewhere than these results. */
export function performancePage(results: Results): string {
  const { machine } = results;
  const rows = targets(results).map(({ aim, measured, met }) => [
    aim,
    measured,
    met === undefined ? '' : met ? 'yes' : '**no**',
  ]);
  return `# Performance

What taskwire costs, and how it compares with BullMQ alone, on which it is built, and with what it replaced: a processor in Python with Celery
workers. \`npm run bench\` measures all of it in less than ten minutes, and writes this page from \`bench/results.json\`.

${table(['target', 'measured', 'met'], rows)}

Figures are medians of the rounds, with the least and the most in parentheses.${othersAtWork(results)}

${NAMES.map((name) => section(name, results)).join('\n\n')}

## What this does not say

- taskwire does more than the others here: it validates each request, answers it once, stores the result and keeps a stream of results. BullMQ alone
  validates nothing and has no results. The processor in Python does the same three steps as taskwire's (it hears a message, checks it and
  dispatches it; the worker publishes the result), but stores nothing, and knows no \`task_id\`, retries or answers after a crash.
- The task does nothing. The longer your own tasks take, the less all this matters.
- All processes share one machine, and Redis is on it: no network, and the publisher takes its part of the cores. Ratios hold on other machines, the
  figures do not.
- One worker and one processor run. Memory and CPU of SQL engines are not measured, nor is a cluster.

## Where and how

${table(
  ['', ''],
  [
    ['machine', `${machine.cores} cores, ${machine.cpu}, ${machine.memoryGib} GiB of memory, ${machine.system}`],
    [
      'versions',
      `Node ${machine.node}, Redis ${machine.redis}, BullMQ ${machine.bullmq}, Celery ${machine.celery ?? 'not installed'}`,
    ],
  ],
)}

\`npm run setup -- --bench\` installs Celery. It runs with a process per core, without gossip, mingling, heartbeats and results of its own. Load is
the average of the last minute, before and after: above the part's own, others were at work. \`npm run bench -- --only burst\` runs one part;
\`--write\` puts it into this page, \`--rounds 1\` is quick.

${table(
  ['part', 'commit', 'when (UTC)', 'rounds', 'seconds', 'load'],
  NAMES.map((name) => {
    const run: PartRun<unknown> | undefined = results.parts[name];
    if (!run) return [name, 'not measured', '', '', '', ''];
    const { commit, at, rounds, seconds, loadBefore, loadAfter } = run;
    return [
      name,
      commit,
      at.slice(0, 16).replace('T', ' '),
      `${rounds}`,
      `${seconds}`,
      `${digits(loadBefore)}, ${digits(loadAfter)}`,
    ];
  }),
)}
`;
}

/** The load of the first part is not its own. */
function othersAtWork({ parts: { burst } }: Results): string {
  if (!burst || burst.loadBefore < 1) return '';
  return ` **The machine was busy when this began (load ${digits(burst.loadBefore)}): wall times and latencies are longer
than they would be, CPU times are less so, and counts hold.**`;
}

export function section<Name extends PartName>(name: Name, results: Results): string {
  const run = results.parts[name];
  return run
    ? sections[name](run.figures, results)
    : `*Not measured: ${name}. Run \`npm run bench -- --only ${name} --write\`.*`;
}
