import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadConfig, privateEnvironment } from '@taskwire/config';
import { publishCommand } from '@taskwire/redis';
import { expect, test } from 'vitest';
import { statusWith } from './overview-fixtures.ts';
import { startOverview } from './overview-server.ts';

const pages = fileURLToPath(new URL('../src/pages/', import.meta.url));

test('serves the page and everything that it names, in less than 75 KB', async () => {
  await using overview = await startOverview();
  const answer = await fetch(overview.url);
  expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
  const html = await answer.text();
  const named = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path as string);
  const answers = await Promise.all([...new Set(named)].map((path) => fetch(overview.url + path)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  const bodies = await Promise.all(answers.map((asset) => asset.bytes()));
  expect(bodies.reduce((sum, body) => sum + body.length, html.length)).toBeLessThan(75_000);
});

test('names every script that the page will want, so that none waits for another one to be read', async () => {
  await using overview = await startOverview();
  const html = await (await fetch(overview.url)).text();
  for (const script of globSync('overview/*.ts', { cwd: pages })) expect(html).toContain(`/assets/${script}"`);
  expect(html).toContain('/assets/shared/chart-geometry.ts"');
});

test('no page has a script, style or event handler of its own, which the policy would not let run', async () => {
  const files = globSync('*/*.html', { cwd: pages });
  expect(files.length).toBeGreaterThan(1);
  for (const file of files) {
    expect(await readFile(pages + file, 'utf8')).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/);
  }
});

test('lets a browser keep the files, and ask whether they still hold', async () => {
  await using overview = await startOverview();
  // Not by fetch, which asks for the whole file whenever it gets an etag.
  const ask = (headers: Record<string, string>) => overview.server.inject({ url: '/assets/overview/main.ts', headers });
  const first = await ask({});
  expect(first.headers['content-type']).toMatch(/javascript/);
  expect(first.headers['cache-control']).toBe('no-cache');
  expect((await ask({ 'if-none-match': String(first.headers.etag) })).statusCode).toBe(304);
});

test.each([
  'tsconfig.json',
  'pages.ts',
  'shared/frame.html',
  '../overview/overview.ts',
  '..%2foverview%2foverview.ts',
  '',
  'shared/none.ts',
  'strip-types.ts',
])('serves no other file: %j', async (path) => {
  await using overview = await startOverview();
  const { status } = await fetch(`${overview.url}/assets/${path}`);
  expect([403, 404]).toContain(status);
});

test('only the files of the page are open to anybody', async () => {
  const open: string[] = [];
  await using _overview = await startOverview({
    prepare: (server) => {
      server.addHook('onRoute', ({ url, config }) => {
        if ((config as { open?: boolean } | undefined)?.open) open.push(url);
      });
    },
  });
  expect([...new Set(open)]).toEqual(['/assets/*']);
});

test('keeps what a visitor sees out of all caches', async () => {
  await using overview = await startOverview();
  for (const path of ['/', '/api/status', '/api/tasks', '/api/me']) {
    expect((await fetch(overview.url + path)).headers.get('cache-control')).toBe('no-store');
  }
});

test('gives the status as JSON', async () => {
  await using overview = await startOverview();
  const answer = await fetch(`${overview.url}/api/status`);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  expect(await answer.json()).toEqual(statusWith());
});

const away = 'Redis at redis://127.0.0.1:6379/0 is out of reach.';

test.each([
  [
    Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
    away.replace('is out of reach', 'cannot be used: nothing listens there'),
  ],
  [Object.assign(new Error('Reached the max retries …'), { name: 'MaxRetriesPerRequestError' }), away],
  [new Error('Command timed out'), away],
  [new Error('two\nlines'), 'The status cannot be read: two lines'],
])('says in a sentence why there is no status: %s', async (fault, error) => {
  await using overview = await startOverview();
  overview.status = fault;
  const answer = await fetch(`${overview.url}/api/status`);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({ error });
});

test('says that Redis does not answer, when a reading neither succeeds nor fails', async () => {
  await using overview = await startOverview({ status: () => new Promise(() => undefined) });
  const answer = await fetch(`${overview.url}/api/status`);
  const error = 'Redis at redis://127.0.0.1:6379/0 is out of reach: no answer within 3 s.';
  expect(await answer.json()).toEqual({ error });
});

test('lists the task types with schemas, and a command that works as it stands', async () => {
  await using overview = await startOverview();
  const tasks = (await (await fetch(`${overview.url}/api/tasks`)).json()) as { type: string; command: string }[];
  expect(tasks.map(({ type }) => type)).toEqual(['generate_random_number', 'reverse_string', 'sql_query']);
  expect(tasks[1]).toMatchObject({
    description: expect.stringContaining('Reverses'),
    queue: 'default',
    attempts: 3,
    timeout_ms: 60_000,
    mcp: false,
    parameters: { properties: { text: { type: 'string' } }, required: ['text'] },
    result: { properties: { reversed_text: { type: 'string' } } },
    example: { task_type: 'reverse_string', parameters: { text: 'Hello 👋🏽' } },
    command: `redis-cli publish tasks '{"task_type":"reverse_string","parameters":{"text":"Hello 👋🏽"}}'`,
  });
});

test('a shell reads the command as it was meant, with quotes and all', async () => {
  const { redis } = loadConfig({ env: privateEnvironment({ TASKWIRE_REDIS_CHANNELS_TASKS_QUEUE: 'tasks; of "us"' }) });
  const request = { task_type: 'sql_query', parameters: { query: `select 'it''s', "a$HOME\`ls\`" from 'b.csv'\n` } };
  const command = publishCommand(redis, request).replace('redis-cli', `printf '%s\\0'`);
  const { stdout } = await promisify(execFile)('sh', ['-c', command]);
  expect(stdout.split('\0')).toEqual(['publish', 'tasks; of "us"', JSON.stringify(request), '']);
});

test('the command says where Redis is, but never a password', () => {
  const env = { REDIS_URL: 'rediss://anna:s3cret@redis.example:6380/2' };
  const command = publishCommand(loadConfig({ env: privateEnvironment(env) }).redis, { task_type: 'a' });
  expect(command).toBe(`redis-cli -h redis.example -p 6380 --tls --askpass publish tasks '{"task_type":"a"}'`);
});

test('says who is logged in where there is a login, and nothing where there is none', async () => {
  const visitor = { name: 'anna', role: 'operator' } as const;
  const letIn = (server: Parameters<NonNullable<Parameters<typeof startOverview>[0]>['prepare'] & object>[0]) => {
    server.addHook('onRequest', async (request) => {
      request.visitor = visitor;
    });
  };
  await using local = await startOverview({ prepare: letIn });
  expect(await (await fetch(`${local.url}/api/me`)).json()).toMatchObject({ visitor: null, may_act: true });

  await using withLogin = await startOverview({
    prepare: (server) => {
      letIn(server);
      server.post('/logout', async () => '');
    },
  });
  expect(await (await fetch(`${withLogin.url}/api/me`)).json()).toMatchObject({ visitor });
});
