import type { WebConfig } from '@taskwire/config';
import { addressOf } from '../ask-web.ts';

/** What each client reads, as its documents give it: `claude-code` .mcp.json, `cursor` .cursor/mcp.json, `vscode` .vscode/mcp.json, `codex` config.toml. */
export const CLIENTS = ['claude-code', 'cursor', 'vscode', 'codex'] as const;

export type McpClient = (typeof CLIENTS)[number];

const TOKEN = 'TASKWIRE_WEB_TOKEN';

interface ConfigOptions {
  /** How this program was started: a client of the desktop may not find npx, and npx would stay beside it. */
  argv: readonly [node: string, program: string];
  folder: string;
  /** Set if the client is to ask that, with a token from the environment. */
  web: WebConfig | undefined;
}

/** The lines that make a client start `taskwire mcp`, or ask the web server. */
export function configFor(client: McpClient, { argv: [command, program], folder, web }: ConfigOptions): string {
  const start = { command, args: [program, 'mcp'] };
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
      const how = url
        ? `url = ${quoted(url)}\n${token}`
        : `command = ${quoted(command)}\nargs = [${start.args.map(quoted).join(', ')}]\ncwd = ${quoted(folder)}\n`;
      return `[mcp_servers.taskwire]\n${how}tool_timeout_sec = 60\n`;
    }
  }
}

const TOKEN_INPUT = { type: 'promptString', id: 'taskwire-token', description: 'Token of web.tokens', password: true };

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** The strings of TOML are those of JSON, as far as a path or an address goes. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
