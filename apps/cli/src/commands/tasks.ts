import { styleText } from 'node:util';
import { loadConfig } from '@taskwire/config';
import { createRegistry, parametersJsonSchema, taskResultJsonSchema } from '@taskwire/tasks';
import { Command } from 'commander';
import { knownTask } from '../known-task.ts';
import { print } from '../output/print.ts';
import { findCommand } from './find.ts';

export function tasksCommand(): Command {
  return new Command('tasks')
    .description('list the task types')
    .option('--json', 'print JSON')
    .action(listTasks)
    .addCommand(
      new Command('show')
        .description('show what a task type takes and returns, with an example')
        .argument('<type>', 'task type')
        .option('--json', 'print JSON')
        .action(showTask),
    )
    .addCommand(findCommand());
}

async function listTasks({ json }: { json?: boolean }): Promise<void> {
  const { definitions } = await createRegistry(loadConfig().tasks.folders);
  if (json) {
    print(JSON.stringify(definitions.map(({ type, description, queue }) => ({ type, description, queue }))));
    return;
  }
  const width = Math.max(...definitions.map(({ type }) => type.length));
  for (const { type, description } of definitions) print(`${styleText('bold', type.padEnd(width))}  ${description}`);
  print(styleText('dim', 'taskwire tasks show <type> shows what a task takes'));
}

async function showTask(type: string, _options: unknown, command: Command): Promise<void> {
  const definition = await knownTask(type);
  const shown = {
    type: definition.type,
    description: definition.description,
    queue: definition.queue,
    attempts: definition.attempts,
    backoff: { delay_ms: definition.backoff.delayMs, max_delay_ms: definition.backoff.maxDelayMs },
    timeout_ms: definition.timeoutMs,
    mcp: definition.mcp,
    parameters: parametersJsonSchema(definition),
    result: taskResultJsonSchema(definition),
    example: { task_type: definition.type, parameters: definition.example },
  };
  // `--json` is also an option of `tasks`, which takes it anywhere.
  if (command.optsWithGlobals().json) {
    print(JSON.stringify(shown));
    return;
  }
  print(`${styleText('bold', shown.type)}  ${shown.description}`);
  print(`queue ${shown.queue}, ${shown.attempts} attempts, at most ${shown.timeout_ms} ms each`);
  print(`${shown.mcp ? 'a tool' : 'no tool'} of AI assistants (mcp)\n`);
  print(`${styleText('bold', 'Parameters')} ${JSON.stringify(shown.parameters, null, 2)}\n`);
  print(`${styleText('bold', 'Result')} ${JSON.stringify(shown.result, null, 2)}\n`);
  print(`${styleText('bold', 'Example')} ${JSON.stringify(shown.example)}`);
}
