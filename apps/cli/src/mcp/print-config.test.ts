import { loadConfig } from '@taskwire/config';
import { expect, test } from 'vitest';
import { CLIENTS, configFor, variablesToCarry } from './print-config.ts';

const folder = '/home/me/my "project"';
const argv = ['/opt/node', '/home/me/bin/taskwire'] as const;
const how = { argv, folder, env: {}, web: undefined };
const token = { token_hash: `sha256:${'a'.repeat(43)}`, role: 'publisher' };
const env = { TASKWIRE_WEB_TOKENS: JSON.stringify({ assistants: token }) };
const { web } = loadConfig({ env });

test('starts taskwire mcp in the format of each client', () => {
  const start = { command: '/opt/node', args: ['/home/me/bin/taskwire', 'mcp'] };
  expect(JSON.parse(configFor('claude-code', how))).toEqual({ mcpServers: { taskwire: start } });
  expect(JSON.parse(configFor('cursor', how))).toEqual({ mcpServers: { taskwire: start } });
  expect(JSON.parse(configFor('vscode', how))).toEqual({
    servers: { taskwire: { type: 'stdio', ...start } },
  });
  expect(configFor('codex', how)).toBe(
    '[mcp_servers.taskwire]\ncommand = "/opt/node"\nargs = ["/home/me/bin/taskwire", "mcp"]\ncwd = "/home/me/my \\"project\\""\ntool_timeout_sec = 60\n',
  );
});

test('carries over which installation is meant, and no password', () => {
  const named = { TASKWIRE_CONFIG: '/srv/other.json', REDIS_URL: 'redis://cache:7000/1', TASKWIRE_WEB_PORT: '8000' };
  const own = {
    ...named,
    TASKWIRE_CONFIG: '../other.json',
    REDIS_PASSWORD: 'S3cr3t',
    TASKWIRE_WORKER_CONCURRENCY: '1',
  };
  const { env, left } = variablesToCarry(own, '/srv/project');
  expect([env, left]).toEqual([named, ['REDIS_PASSWORD']]);
  const secret = { REDIS_URL: 'redis://me:S3cr3t@cache', TASKWIRE_REDIS_KEY_PREFIX: '{a}', PATH: '/bin' };
  expect(variablesToCarry(secret, folder)).toEqual({ env: { TASKWIRE_REDIS_KEY_PREFIX: '{a}' }, left: ['REDIS_URL'] });
  for (const client of ['claude-code', 'cursor'] as const) {
    expect(JSON.parse(configFor(client, { ...how, env }))).toMatchObject({ mcpServers: { taskwire: { env: named } } });
  }
  expect(JSON.parse(configFor('vscode', { ...how, env }))).toMatchObject({ servers: { taskwire: { env: named } } });
  expect(configFor('codex', { ...how, env })).toContain(
    'env = { "TASKWIRE_CONFIG" = "/srv/other.json", "REDIS_URL" = "redis://cache:7000/1", "TASKWIRE_WEB_PORT" = "8000" }\n',
  );
});

test('asks /mcp of the dashboard with a token that each client takes from where it keeps secrets', () => {
  const printed = Object.fromEntries(CLIENTS.map((client) => [client, configFor(client, { ...how, web })]));
  for (const text of Object.values(printed)) expect(text).toContain('http://127.0.0.1:7878/mcp');
  expect(printed['claude-code']).toContain(`"Authorization": "Bearer \${TASKWIRE_WEB_TOKEN}"`);
  expect(printed.cursor).toContain(`"Authorization": "Bearer \${env:TASKWIRE_WEB_TOKEN}"`);
  expect(JSON.parse(printed.vscode ?? '')).toMatchObject({
    servers: { taskwire: { type: 'http', headers: { Authorization: `Bearer \${input:taskwire-token}` } } },
    inputs: [{ id: 'taskwire-token', type: 'promptString', password: true }],
  });
  expect(printed.codex).toContain('bearer_token_env_var = "TASKWIRE_WEB_TOKEN"');
  expect(JSON.stringify(printed)).not.toContain(token.token_hash);
});
