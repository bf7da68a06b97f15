import { setFlagsFromString } from 'node:v8';
import { loadConfig } from '@taskwire/config';
import { Command, Option } from 'commander';
import { UsageError } from '../command-error.ts';
import { CLIENTS, configFor, type McpClient } from '../mcp/print-config.ts';

interface McpOptions {
  printConfig?: McpClient;
  http?: true;
}

export function mcpCommand(): Command {
  return new Command('mcp')
    .description('serve an AI assistant over standard input and output (MCP): run SQL and tasks, and never block')
    .addOption(
      new Option('--print-config <client>', 'print what a client is to have in its configuration').choices(CLIENTS),
    )
    .option('--http', 'with --print-config: for /mcp of the dashboard instead of this command')
    .action(async ({ printConfig, http }: McpOptions) => {
      if (printConfig !== undefined) {
        const web = http ? loadConfig().web : undefined;
        process.stdout.write(
          configFor(printConfig, { argv: [process.execPath, process.argv[1] as string], folder: process.cwd(), web }),
        );
        return;
      }
      if (http) throw new UsageError('--http goes with --print-config: /mcp is served by the dashboard.');
      // Every chat has one: before its modules are loaded it saves 12 MB, and 40 later, for some CPU time.
      setFlagsFromString('--optimize-for-size');
      const { serveAssistant } = await import('../mcp/serve-assistant.ts');
      await serveAssistant();
    });
}
