/** Draws the pictures of the docs, of an installation that is made up: `npx node apps/web/test/draw-pictures.ts` */
import { fileURLToPath } from 'node:url';
import { sharedBrowser } from './browser.ts';
import { ago, failure, hour, queue, result, service, statusWith } from './overview-fixtures.ts';
import { startPages } from './pages-server.ts';
import { before, failedTask, sqlTask, summary } from './task-fixtures.ts';

const FOLDER = fileURLToPath(new URL('../../../docs/images/', import.meta.url));

const IDS = [
  '01a1ffbd-9cc8-7110-8d31-1a4a6ab5ec08',
  '01a1ffbd-9c02-7f4a-b1c2-93a1f2d4c771',
  '01a1ffbd-8a11-7e01-9b3d-5c0f8e7a2d19',
];

const busyHour = hour((minute) => {
  const completed = 380 + Math.round(90 * Math.sin(minute / 7)) + ((minute * 37) % 40);
  return { completed, failed: minute % 23 === 5 ? 4 : 0, p50_ms: 4 + (minute % 5), p95_ms: 12 + ((minute * 7) % 9) };
});
const sqlHour = hour((minute) =>
  minute % 3 === 0 ? { completed: 1 + (minute % 4), p50_ms: 400 + minute * 4, p95_ms: 900 } : {},
);

const status = statusWith({
  services: [
    service({ service: 'processor', instance: 'pr0cess0', leader: true }),
    service({ service: 'worker', instance: 'w0rker01', queues: ['default'], running: 62, concurrency: 100 }),
    service({ service: 'sql-worker', instance: 'sq1w0rkr', queues: ['sql'], running: 1, concurrency: 4 }),
    service({ service: 'web', instance: 'd4shb0rd', lag_ms: null }),
  ],
  queues: [
    queue({
      name: 'default',
      waiting: 14,
      active: 62,
      completed: 10_000,
      failed: 36,
      oldest_waiting_ms: 240,
      history: busyHour,
    }),
    queue({ name: 'sql', active: 1, completed: 212, failed: 3, history: sqlHour }),
  ],
  latest_results: [
    ...Array.from({ length: 12 }, (_, i) => result({ task_id: IDS[0] as string, timestamp: ago(400 + i * 900) })),
    failure({ task_id: 'report-2026-11', task_type: 'send_letter', error: 'the server said 503', attempts: 3 }),
    result({
      task_id: IDS[1] as string,
      task_type: 'sql_query',
      user_id: 'ada',
      duration_ms: 1840,
      timestamp: ago(9000),
    }),
  ],
});

const months = [
  '2026-01',
  '2026-02',
  '2026-03',
  '2026-04',
  '2026-05',
  '2026-06',
  '2026-07',
  '2026-08',
  '2026-09',
  '2026-10',
];
const sales = sqlTask(
  [
    { name: 'month', type: 'DATE' },
    { name: 'amount', type: 'DECIMAL(38,2)' },
  ],
  months.map((month, i) => ({ month: `${month}-01`, amount: (18_250.5 + ((i * 7919) % 9000)).toFixed(2) })),
  {
    task_id: IDS[1] as string,
    user_id: 'ada',
    parameters: {
      query: 'select month, sum(amount) as amount\nfrom sales\ngroup by month\norder by month',
      connection: 'shop',
    },
  },
);

const running = summary({ status: 'running', started_at: before(14_000), ended_at: null, task_id: IDS[0] as string });
const found = [
  { ...running, progress: { progress: 0.42, message: 'page 3 of 7' } },
  { ...running, task_id: IDS[2] as string, task_type: 'sql_query', user_id: 'ada', worker: 'sq1w0rkr' },
  summary({
    task_id: 'report-2026-12',
    status: 'delayed',
    attempts: 1,
    ended_at: null,
    next_attempt_at: before(-9000),
  }),
  summary({
    task_id: 'report-2026-11',
    status: 'error',
    error_code: 'task_failed',
    error: 'the server said 503',
    attempts: 3,
  }),
  summary({ task_id: 'order-4711', ended_at: before(130_000) }),
  summary({
    task_id: 'order-4710',
    status: 'error',
    error_code: 'cancelled',
    error: 'Cancelled while it ran',
    ended_at: before(190_000),
  }),
  summary({ task_id: IDS[1] as string, task_type: 'sql_query', user_id: 'ada', ended_at: before(900_000) }),
];

await using pages = await startPages();
pages.overview.status = status;
pages.tasks.set('report-2026-11', { ...failedTask(), task_id: 'report-2026-11' });
pages.tasks.set(IDS[1] as string, sales);
pages.found = () => ({ tasks: found });

const browser = await sharedBrowser();
const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, deviceScaleFactor: 1 });
const pictures = {
  overview: '/',
  tasks: '/tasks?since=yesterday',
  task: '/tasks/report-2026-11',
  'sql-result': `/tasks/${IDS[1]}`,
};
for (const [name, path] of Object.entries(pictures)) {
  await page.goto(pages.overview.url + path);
  await page.waitForLoadState('load');
  await page.locator('#main :is(.counts li, .rows li, .timeline li)').first().waitFor();
  await page.locator('nav').hover();
  await page.screenshot({ path: `${FOLDER}${name}.png`, fullPage: true });
}
await browser.close();
