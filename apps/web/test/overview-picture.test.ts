import type { Browser } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, sharedBrowser } from './browser.ts';
import { ago, failure, hour, queue, result, service, statusWith } from './overview-fixtures.ts';
import { openPage, textOf } from './overview-page.ts';
import { startOverview } from './overview-server.ts';

const busy = statusWith({
  services: [
    service({ service: 'processor', instance: 'pr0cess0', leader: true, lag_ms: 1.4 }),
    service({ service: 'worker', instance: 'w0rker01', queues: ['default'], running: 62, concurrency: 100 }),
    service({
      service: 'sql-worker',
      instance: 'sq1w0rkr',
      queues: ['sql'],
      running: 0,
      concurrency: 4,
      state: 'deaf',
    }),
    service({ service: 'processor', instance: 'pr0cess1', state: 'silent', seen_at: ago(43_000) }),
  ],
  queues: [
    queue({
      name: 'default',
      waiting: 1204,
      active: 62,
      failed: 3,
      oldest_waiting_ms: 2400,
      history: hour((minute) =>
        minute >= 57 ? { completed: 401, failed: 1, cancelled: 2, p50_ms: 4, p95_ms: 12 } : {},
      ),
    }),
    queue({ name: 'sql', paused: true }),
  ],
  latest_results: [result({ task_id: 'order-4711' }), failure()],
  latest_failures: [failure(), failure({ task_id: null, task_type: null, error_code: 'invalid_json', attempts: 0 })],
});

describe.runIf(hasBrowser)('the picture', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await sharedBrowser();
  });

  test('shows services, queues, results, failures and tasks', async () => {
    await using overview = await startOverview();
    overview.status = busy;
    await using opened = await openPage({ browser, overview });
    const { page } = opened;
    const text = (selector: string) => page.locator(selector).allInnerTexts();

    expect(await textOf(page.getByRole('heading', { level: 1 }))).toMatch(/^3\stasks failed in the last hour$/);
    expect(await textOf(page.locator('#overall-detail'))).toBe('All services are well.');
    expect(await page.locator('#overall').getAttribute('data-level')).toBe('warn');
    expect(await page.title()).toMatch(/^3\stasks failed in the last hour · taskwire$/);
    const [processor, worker, deaf, silent, redis] = await text('.service');
    expect(processor).toMatch(/processor\s+Consuming\s+pr0cess0\s+leader.*lag\s+1\sms.*up\s+3\sh/s);
    expect(worker).toMatch(/worker\s+Consuming.*62 of 100 running.*queue\s+default/s);
    expect(deaf).toMatch(/sql-worker\s+Deaf/);
    expect(silent).toMatch(/processor\s+Silent.*last heard\s+43\ss ago/s);
    expect(redis).toMatch(/Redis\s+Answers.*12\.3\sMB/s);

    const [first, second] = await text('.queue');
    expect(first).toMatch(/default\s+oldest waiting for 2\.4\ss\s+1,204\s+waiting\s+62\s+active\s+0\s+delayed/i);
    expect(first).toMatch(/1,203\s+completed, last hour\s+3\s+failed, last hour/i);
    expect(first).toMatch(/Bull Board keeps 0 completed and 3 failed jobs/);
    expect(first).toMatch(/Tasks per minute last hour\s+1,203 completed\s+3 failed/);
    expect(first).toMatch(/Latency \d\d:\d\d\s+p50 4\sms\s+p95 12\sms/);
    expect(await textOf(page.locator('#overall-pulse'))).toMatch(/ 1,212\stasks ended in the last hour$/);
    expect(second).toMatch(/sql\s+paused.*Nothing in the last hour/s);

    expect(await text('#results li')).toEqual([
      expect.stringMatching(/completed\s+reverse_string\s+order-4711\s+user 7 · 3\sms\s+4\ss ago/),
      expect.stringMatching(/task_failed\s+sql_query.*task_failed Catalog Error/s),
    ]);
    await page.getByLabel('Only failures').check();
    expect(await text('#results li')).toEqual([
      expect.stringContaining('task_failed'),
      expect.stringMatching(/no task type\s+no task id\s+user 7 · not run.*invalid_json/s),
    ]);
    expect(await text('#tasks h3')).toEqual(['generate_random_number', 'reverse_string', 'sql_query']);
    expect(opened.complaints).toEqual([]);
  });

  test('leads to Bull Board: to the jobs of a queue in a state, and to the job of a task', async () => {
    await using overview = await startOverview();
    overview.status = busy;
    await using opened = await openPage({ browser, overview });
    const target = async (name: string | RegExp) =>
      opened.page.getByRole('link', { name }).first().getAttribute('href');
    expect(await target('Bull Board')).toBe('/board');
    expect(await target('Metrics for Prometheus')).toBe('/metrics');
    expect(await target('Tasks')).toBe('/tasks');
    expect(await target(/1,204 waiting/i)).toBe('/board/queue/default?status=waiting');
    expect(await target(/1,203 completed/i)).toBe('/tasks?status=completed&since=1h');
  });

  test('leads to the page of each task; rows that look the same are one, which leads to all of them', async () => {
    await using overview = await startOverview();
    const same = Array.from({ length: 20 }, (_, i) => result({ task_id: `order-${i}`, timestamp: ago(i * 1000) }));
    overview.status = { ...busy, latest_results: [...same, failure(), result({ task_id: 'ada-1', user_id: 'ada' })] };
    await using opened = await openPage({ browser, overview });
    const { page } = opened;
    expect(await page.locator('#results .id').allInnerTexts()).toEqual(['order-0', failure().task_id, 'ada-1']);
    expect(await page.getByRole('link', { name: 'order-0' }).getAttribute('href')).toBe('/tasks/order-0');
    const others = page.getByRole('link', { name: '× 20 times' });
    expect(await others.getAttribute('href')).toBe('/tasks?status=completed&type=reverse_string&user=7');
  });

  test('says what is missing', async () => {
    await using overview = await startOverview();
    const bad = { level: 'bad', title: 'No processor is consuming', detail: 'What is published now is lost.' } as const;
    const warn = { level: 'warn', title: 'The queue sql is paused', detail: 'Its tasks wait.' } as const;
    overview.status = { ...busy, findings: [bad, warn], services: busy.services.slice(1, 2) };
    await using opened = await openPage({ browser, overview });
    const { page } = opened;
    expect(await textOf(page.locator('#overall'))).toMatch(
      /No processor is consuming.*What is published now is lost\..*The queue sql is paused Its tasks wait\./s,
    );
    expect(await page.locator('#overall').getAttribute('data-level')).toBe('bad');
    expect(await page.locator('.service[data-level=bad]').allInnerTexts()).toEqual([
      expect.stringMatching(/processor\s+Missing/),
      expect.stringMatching(/worker for sql\s+Missing\s+Runs tasks: 0 waiting\./),
    ]);
  });

  test('a note leaves all well; a worker of two queues is shown with all its places', async () => {
    await using overview = await startOverview();
    const note = { level: 'note', title: 'Redis writes nothing to disk', detail: 'Run: redis-cli …' } as const;
    const worker = service({ service: 'worker', queues: ['default', 'mail'], running: 0, concurrency: 200 });
    overview.status = { ...busy, queues: [queue()], findings: [note], services: [worker] };
    await using opened = await openPage({ browser, overview });
    const overall = await textOf(opened.page.locator('#overall'));
    expect(overall).toMatch(/^All is well.*Redis writes nothing to disk Run: redis-cli …$/s);
    expect(await opened.page.locator('.service', { hasText: 'worker' }).allInnerTexts()).toContainEqual(
      expect.stringContaining('0 of 200 running'),
    );
  });

  test('of a Redis that refuses it says that, and not that services are missing', async () => {
    await using overview = await startOverview();
    const refusal = { what: 'is full (maxmemory)', remedy: 'Raise its maxmemory.' };
    const found = { level: 'bad', title: 'Redis is full (maxmemory)', detail: 'Raise its maxmemory.' } as const;
    overview.status = { ...busy, findings: [found], redis: { ...busy.redis, refusal }, services: [] };
    await using opened = await openPage({ browser, overview });
    expect(await opened.page.locator('.service').allInnerTexts()).toEqual([expect.stringMatching(/Redis\s+Refuses/)]);
  });

  test('changes without a reload, and leaves alone what has not changed', async () => {
    await using overview = await startOverview();
    overview.status = busy;
    await using opened = await openPage({ browser, overview });
    const { page, requests } = opened;
    const link = page.getByRole('link', { name: 'order-4711' });
    await page.locator('#tasks summary').first().click();
    await link.focus();
    await page.evaluate('window.focused = document.activeElement');

    const newest = result({ task_id: 'order-4712', user_id: 8, timestamp: ago(100) });
    overview.status = { ...busy, latest_results: [newest, ...busy.latest_results.slice(0, 1)] };
    await page.getByRole('link', { name: 'order-4712' }).waitFor();
    expect(await page.locator('#results li').count()).toBe(2);
    expect(await page.evaluate('window.focused === document.activeElement')).toBe(true);
    expect(await page.locator('#tasks details').first().getAttribute('open')).not.toBeNull();
    expect(requests.filter((url) => url === `${overview.url}/`)).toHaveLength(1);
  });

  test('shows a newcomer how to publish a first task, until one has run', async () => {
    await using overview = await startOverview();
    await using opened = await openPage({ browser, overview });
    const { page } = opened;
    const steps = page.locator('#first-steps');
    expect(await textOf(steps)).toMatch(
      /Nothing has run yet.*redis-cli publish tasks '\{"task_type":"reverse_string"/s,
    );
    expect(await page.getByText('No task has ended yet.').isVisible()).toBe(true);
    overview.status = busy;
    await steps.waitFor({ state: 'hidden' });
    expect(await page.getByText('No task has ended yet.').isVisible()).toBe(false);
  });

  test('explains a task: what it takes, what it gives, how to publish it', async () => {
    await using overview = await startOverview();
    await using opened = await openPage({ browser, overview });
    await opened.page.locator('#tasks summary', { hasText: 'sql_query' }).click();
    const shown = await textOf(opened.page.locator('#tasks details[open]'));
    expect(shown).toMatch(/Queue sql · 1\sattempt · at most 12\sh each/);
    expect(shown).toMatch(/Parameters\s+Name\s+Default\s+Meaning\s+query\s+string\s+One SQL statement/);
    expect(shown).toMatch(/max_rows\s+integer, at least 0\s+At most/);
    expect(shown).toMatch(/Result.*truncated\s+boolean\s+Whether/s);
    expect(shown).toContain('redis-cli publish tasks');
  });

  test.each([
    ['with a clipboard', ['clipboard-read', 'clipboard-write']],
    ['without one, as over plain http', []],
  ])('copies a command %s', async (_, permissions) => {
    await using overview = await startOverview();
    await using opened = await openPage({ browser, overview, permissions });
    const { page } = opened;
    if (permissions.length === 0) {
      await page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })");
      await page.evaluate("document.addEventListener('copy', () => { window.copied = String(getSelection()); })");
    }
    await page.locator('#first-steps').getByRole('button', { name: 'Copy' }).click();
    await page.locator('#first-steps').getByRole('button', { name: 'Copied' }).waitFor();
    const copied = await page.evaluate(permissions.length === 0 ? 'window.copied' : 'navigator.clipboard.readText()');
    expect(copied).toBe(await textOf(page.locator('#first-steps code')));
  });

  test('keeps hostile text text, wherever it comes from', async () => {
    const hostile = `<img src="/x" onerror="window.harmed = 1"><script>window.harmed = 2</script>'"&lt;`;
    const evil = failure({
      task_id: hostile,
      task_type: hostile,
      user_id: hostile,
      error: hostile,
      error_code: hostile,
      timestamp: ago(1),
    });
    await using overview = await startOverview();
    overview.status = statusWith({
      findings: [{ level: 'warn', title: hostile, detail: hostile }],
      services: [service({ service: hostile, instance: hostile, host: hostile, version: hostile, queues: [hostile] })],
      queues: [queue({ name: hostile })],
      latest_results: [evil],
      latest_failures: [evil, { ...evil, task_id: 'javascript:window.harmed=3' }],
    });
    await using opened = await openPage({ browser, overview });
    const { page, requests } = opened;
    expect(await textOf(page.locator('#overall-title'))).toBe(hostile);
    expect(await textOf(page.locator('#results .error').first())).toBe(`${hostile} ${hostile}`);
    expect(await textOf(page.locator('.queue h3'))).toBe(hostile);
    expect(await page.evaluate('window.harmed')).toBeUndefined();
    expect(await page.locator('main img, main script').count()).toBe(0);
    expect(requests.filter((url) => new URL(url).pathname === '/x')).toEqual([]);
    const links = (await page.evaluate('[...document.links].map(({ href }) => href)')) as string[];
    expect(links.filter((href) => !href.startsWith(overview.url))).toEqual([]);
    expect(opened.complaints).toEqual([]);
  });

  test('asks nobody but its own server', async () => {
    await using overview = await startOverview();
    await using opened = await openPage({ browser, overview });
    expect(opened.requests.length).toBeGreaterThan(20);
    expect(opened.requests.filter((url) => new URL(url).origin !== overview.url)).toEqual([]);
    expect(opened.complaints).toEqual([]);
  });

  test('says who is logged in, with a way out; nothing where there is no login', async () => {
    await using local = await startOverview();
    await using without = await openPage({ browser, overview: local });
    expect(await without.page.locator('#visitor').isVisible()).toBe(false);

    await using overview = await startOverview({
      prepare: (server) => {
        server.addHook('onRequest', async (request) => {
          request.visitor = { name: 'anna', role: 'viewer' };
        });
        server.addContentTypeParser('application/x-www-form-urlencoded', (_request, _body, done) => done(null));
        server.post('/logout', async () => 'bye');
      },
    });
    await using opened = await openPage({ browser, overview });
    await opened.page.getByText('anna (viewer)').waitFor();
    await opened.page.getByRole('button', { name: 'Log out' }).click();
    await opened.page.getByText('bye').waitFor();
  });
});
