import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { exitCodeOf } from './command-error.ts';
import { demoCommand } from './commands/demo.ts';
import { resultCommand } from './commands/result.ts';
import { runCommand } from './commands/run.ts';
import { startCommand } from './commands/start.ts';
import { submitCommand } from './commands/submit.ts';
import { tasksCommand } from './commands/tasks.ts';
import { watchCommand } from './commands/watch.ts';
import { EXIT_CODE } from './exit-code.ts';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

/**
 * Runs one command.
 *
 * @param args what stands after the program's name.
 * @returns the exit code; see EXIT_CODE.
 */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  let exitCode: number = EXIT_CODE.ok;
  const finish = (code: number) => {
    exitCode = code;
  };
  const program = new Command('taskwire')
    .description('Publish a JSON message to a Redis channel, get a task run and exactly one result back.')
    .version(version)
    .showHelpAfterError('(taskwire --help shows what there is)');
  for (const create of [
    startCommand,
    demoCommand,
    tasksCommand,
    runCommand,
    submitCommand,
    resultCommand,
    watchCommand,
  ]) {
    program.addCommand(create(finish));
  }
  overrideExits(program);
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODE.ok : EXIT_CODE.usage;
    const code = exitCodeOf(error);
    process.stderr.write(`${code === undefined ? ((error as Error).stack ?? error) : (error as Error).message}\n`);
    return code ?? EXIT_CODE.failed;
  }
}

/** Commander ends the process itself otherwise, before what was printed has left it. */
function overrideExits(command: Command): void {
  command.exitOverride();
  command.commands.forEach(overrideExits);
}
