import { resolve } from 'node:path';
import { CONFIG_FILE_VARIABLE, type Environment, settings, type WebConfig } from '@taskwire/config';
import { addressOf } from '../ask-web.ts';

/** The file that each client reads, as its documents give it. */
export const FILES = {
  'claude-code': '.mcp.json',
  cursor: '.cursor/mcp.json',
  vscode: '.vscode/mcp.json',
  codex: '~/.codex/config.toml',
} as const;

export type McpClient = keyof typeof FILES;

export const CLIENTS = Object.keys(FILES) as McpClient[];

const TOKEN = 'TASKWIRE_WEB_TOKEN';

interface ConfigOptions {
  /** How this program was started: a client of the desktop may not find npx, and npx would stay beside it. */
  argv: readonly [node: string, program: string];
  folder: string;
  /** What `taskwire mcp` is to find in its environment. */
  env: Environment;
  /** Set if the client is to ask that, with a token from the environment. */
  web: WebConfig | undefined;
}

/** The lines that make a client start `taskwire mcp`, or ask the web server. */
export function configFor(client: McpClient, { argv: [command, program], folder, env, web }: ConfigOptions): string {
  const variables = Object.entries(env).map(([name, value = '']) => `${quoted(name)} = ${quoted(value)}`);
  const start = { command, args: [program, 'mcp'], ...(variables.length > 0 && { env }) };
  const url = web && `${addressOf(web)}/mcp`;
  const withToken = Object.keys(web?.tokens ?? {}).length > 0;
  const over = (token: string) => ({ url, ...(withToken && { headers: { Authorization: `Bearer ${token}` } }) });
  switch (client) {
    case 'claude-code':
      return json({ mcpServers: { taskwire: url ? { type: 'http', ...over(`\${${TOKEN}}`) } : start } });
    case 'cursor':
      return json({ mcpServers: { taskwire: url ? over(`\${env:${TOKEN}}`) : start } });
    case 'vscode':
      return json({
        servers: {
          taskwire: url ? { type: 'http', ...over(`\${input:${TOKEN_INPUT.id}}`) } : { type: 'stdio', ...start },
        },
        ...(url && withToken && { inputs: [TOKEN_INPUT] }),
      });
    case 'codex': {
      const token = withToken ? `bearer_token_env_var = "${TOKEN}"\n` : '';
      const table = variables.length > 0 ? `env = { ${variables.join(', ')} }\n` : '';
      const how = url
        ? `url = ${quoted(url)}\n${token}`
        : `command = ${quoted(command)}\nargs = [${start.args.map(quoted).join(', ')}]\ncwd = ${quoted(folder)}\n${table}`;
      return `[mcp_servers.taskwire]\n${how}tool_timeout_sec = 60\n`;
    }
  }
}

/**
 * The variables of a process that say which installation is meant and how assistants may use it, for the configuration of a client.
 * Passwords are not among them.
 *
 * @returns `left`: the names of those that hold a password.
 */
export function variablesToCarry(own: Environment, folder: string): { env: Environment; left: string[] } {
  const env: Record<string, string> = {};
  const left: string[] = [];
  const file = own[CONFIG_FILE_VARIABLE];
  if (file) env[CONFIG_FILE_VARIABLE] = resolve(folder, file);
  const asked = settings.filter(({ path: [section, name = ''] }) =>
    section === 'web' ? ['host', 'port'].includes(name) : section === 'redis' || section === 'mcp',
  );
  for (const name of asked.flatMap(({ variable, alias = [] }) => [variable, alias].flat())) {
    const value = own[name];
    if (!value) continue;
    if (/PASSWORD$/.test(name) || (/URL$/.test(name) && URL.parse(value)?.password !== '')) left.push(name);
    else env[name] = value;
  }
  return { env, left };
}

const TOKEN_INPUT = { type: 'promptString', id: 'taskwire-token', description: 'Token of web.tokens', password: true };

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** The strings of TOML are those of JSON, as far as a path or an address goes. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
