import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Stack } from '@taskwire/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mcpAddress, startAssistedStack } from './mcp-assistant.ts';
import { BIN } from './run-taskwire.ts';

const run = promisify(execFile);
const CONFORMANCE = programOf('conformance', 'dist/index.js');

/** The scenarios of the suite that ask for no tools, resources and prompts of its own. */
const SCENARIOS = ['server-initialize', 'ping', 'tools-list', 'resources-list', 'dns-rebinding-protection'];

let stack: Stack;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taskwire-inspector-'));
  stack = await startAssistedStack();
});

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test.each(SCENARIOS)('conforms to the protocol: %s', async (scenario) => {
  const { stdout } = await run(process.execPath, [
    CONFORMANCE,
    'server',
    '--url',
    mcpAddress(stack.env).href,
    '--scenario',
    scenario,
  ]);
  expect(stdout).toMatch(/Passed: [1-9]\d*\/[1-9]\d*, 0 failed/);
});

test('the inspector lists the tools and calls one, over both ways', async () => {
  const env = { ...stack.env, PATH: dirname(process.execPath) };
  const inspector = await inspectorIn(folder);
  const ways = [
    [mcpAddress(stack.env).href, '--transport', 'http'],
    [process.execPath, BIN, 'mcp'],
  ];
  for (const way of ways) {
    const inspect = async (...args: string[]) =>
      JSON.parse((await run(process.execPath, [inspector, ...way, ...args], { env })).stdout);
    const { tools } = await inspect('--method', 'tools/list');
    expect(tools.map(({ name }: { name: string }) => name)).toContain('sql_query');
    const { content } = await inspect('--method', 'tools/call', '--tool-name', 'list_connections');
    expect(content[0].text).toContain('default: duckdb');
  }
});

function programOf(name: string, program: string): string {
  return fileURLToPath(new URL(`../node_modules/@modelcontextprotocol/${name}/${program}`, import.meta.url));
}

/** Its command line alone looks for the package.json of the whole inspector, two folders up. */
async function inspectorIn(folder: string): Promise<string> {
  await cp(dirname(programOf('inspector-cli', 'build/index.js')), join(folder, 'cli/build'), { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"name": "inspector", "version": "1.0.3", "type": "module"}');
  await symlink(fileURLToPath(new URL('../node_modules', import.meta.url)), join(folder, 'node_modules'));
  return join(folder, 'cli/build/index.js');
}
