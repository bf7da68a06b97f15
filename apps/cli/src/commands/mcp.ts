import { setFlagsFromString } from 'node:v8';
import { childEnvironment, loadConfig } from '@taskwire/config';
import { Command, Option } from 'commander';
import { UsageError } from '../command-error.ts';
import { CLIENTS, configFor, FILES, type McpClient, variablesToCarry } from '../mcp/print-config.ts';

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
        const config = loadConfig();
        const folder = process.cwd();
        const { env, left } = variablesToCarry(childEnvironment({}), folder);
        const argv = [process.execPath, process.argv[1] as string] as const;
        const web = http ? config.web : undefined;
        process.stdout.write(configFor(printConfig, { argv, folder, env, web }));
        process.stderr.write(
          `This belongs in ${FILES[printConfig]}. If that file has other servers, add "taskwire" to them.\n`,
        );
        if (left.length > 0 && !http) {
          process.stderr.write(
            `Left out, since there is a password in it: ${left.join(', ')}. Put it into .env of this folder, where taskwire mcp reads it.\n`,
          );
        }
        return;
      }
      if (http) throw new UsageError('--http goes with --print-config: /mcp is served by the dashboard.');
      // Every chat has one: before its modules are loaded it saves 12 MB, and 40 later, for some CPU time.
      setFlagsFromString('--optimize-for-size');
      const { serveAssistant } = await import('../mcp/serve-assistant.ts');
      await serveAssistant();
    });
}
