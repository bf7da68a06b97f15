import { Command, CommanderError } from 'commander';
import { exitCodeOf } from './command-error.ts';
import { EXIT_CODE, type Finish } from './exit-code.ts';
import { visibleLines } from './output/terminal-text.ts';
import { version } from './version.ts';

/** Loaded on demand: a command that only queries Redis must not wait for all that `start` needs. */
const COMMANDS: ReadonlyMap<string, () => Promise<(finish: Finish) => Command>> = new Map(
  Object.entries({
    init: async () => (await import('./commands/init.ts')).initCommand,
    setup: async () => (await import('./commands/setup.ts')).setupCommand,
    start: async () => (await import('./commands/start.ts')).startCommand,
    stop: async () => (await import('./commands/stop.ts')).stopCommand,
    restart: async () => (await import('./commands/restart.ts')).restartCommand,
    logs: async () => (await import('./commands/logs.ts')).logsCommand,
    redis: async () => (await import('./commands/redis.ts')).redisCommand,
    demo: async () => (await import('./commands/demo.ts')).demoCommand,
    status: async () => (await import('./commands/status.ts')).statusCommand,
    tasks: async () => (await import('./commands/tasks.ts')).tasksCommand,
    run: async () => (await import('./commands/run.ts')).runCommand,
    submit: async () => (await import('./commands/submit.ts')).submitCommand,
    result: async () => (await import('./commands/result.ts')).resultCommand,
    cancel: async () => (await import('./commands/cancel.ts')).cancelCommand,
    retry: async () => (await import('./commands/retry.ts')).retryCommand,
    rerun: async () => (await import('./commands/rerun.ts')).rerunCommand,
    forget: async () => (await import('./commands/forget.ts')).forgetCommand,
    sql: async () => (await import('./commands/sql.ts')).sqlCommand,
    mcp: async () => (await import('./commands/mcp.ts')).mcpCommand,
    watch: async () => (await import('./commands/watch.ts')).watchCommand,
    'hash-password': async () => (await import('./commands/hash-password.ts')).hashPasswordCommand,
  }),
);

/**
 * Runs one command.
 *
 * @param args the words after the program's name.
 * @returns the exit code; see EXIT_CODE.
 */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  let exitCode: number = EXIT_CODE.ok;
  const program = new Command('taskwire')
    .description('Publish a JSON message to a Redis channel, get a task run and exactly one result back.')
    .version(version)
    .showHelpAfterError('(taskwire --help lists the commands)');
  const asked = COMMANDS.get(args[0] ?? '');
  for (const load of asked ? [asked] : COMMANDS.values()) {
    const create = await load();
    const command = create((code) => {
      exitCode = code;
    });
    program.addCommand(command);
  }
  overrideExits(program);
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODE.ok : EXIT_CODE.usage;
    const code = exitCodeOf(error);
    const { message, stack } = error as Error;
    process.stderr.write(`${visibleLines(String((code === undefined ? stack : message) ?? error))}\n`);
    return code ?? EXIT_CODE.failed;
  }
}

/** Otherwise Commander ends the process before its output is written. */
function overrideExits(command: Command): void {
  command.exitOverride();
  command.configureOutput({ outputError: (text, write) => write(visibleLines(text)) });
  command.commands.forEach(overrideExits);
}
