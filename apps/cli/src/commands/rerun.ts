import { readFile } from 'node:fs/promises';
import inspector from 'node:inspector';
import { styleText } from 'node:util';
import { loadConfig } from '@taskwire/config';
import { isJsonObject, type JsonObject, plainUserId, type UserId } from '@taskwire/protocol';
import { createRegistry, type HandlerOf, type TaskDefinition } from '@taskwire/tasks';
import { findMark } from '@taskwire/tasks/masking';
import { ownStack } from '@taskwire/tasks/running';
import { runTask } from '@taskwire/tasks/testing';
import { Command } from 'commander';
import { askWeb } from '../ask-web.ts';
import { UsageError } from '../command-error.ts';
import { EXIT_CODE, type Finish } from '../exit-code.ts';
import { print, printJson } from '../output/print.ts';
import { visibleLines } from '../output/terminal-text.ts';

interface RerunOptions {
  here?: true;
  parameters?: string;
  /** A port; true: 9229. */
  inspectBrk?: string | true;
  json?: boolean;
}

/** What is needed of `GET /tasks/{id}`. */
interface Known {
  task_type: string | null;
  user_id: UserId;
  parameters: JsonObject | null;
  metadata: JsonObject | null;
  attempts: number;
}

const INSPECTOR_PORT = 9229;

export function rerunCommand(finish: Finish): Command {
  return new Command('rerun')
    .description('run one attempt of an earlier task in this process, with its input, and publish nothing')
    .argument('<id>', 'task id')
    .option('--here', 'in this process (it has to be said: elsewhere is taskwire retry)')
    .option('--parameters <file>', 'JSON file with the parameters, where they are secret or not kept')
    .option('--inspect-brk [port]', 'wait for a debugger, and stop before the handler')
    .option('--json', 'print JSON')
    .action(async (id: string, options: RerunOptions) => finish(await rerun(id, options)));
}

async function rerun(id: string, { here, parameters: file, inspectBrk, json }: RerunOptions): Promise<number> {
  if (!here) throw new UsageError(`Say --here to run ${id} in this process; taskwire retry ${id} runs it on a worker.`);
  const port = inspectBrk === true ? INSPECTOR_PORT : Number(inspectBrk);
  if (inspectBrk && !(Number.isInteger(port) && port > 0 && port < 0x10000)) {
    throw new UsageError('--inspect-brk takes the number of a port.');
  }
  const known = await askWeb<Known & JsonObject>('GET', `/tasks/${encodeURIComponent(id)}`);
  const parameters = file === undefined ? keptParameters(known) : await parametersIn(file);
  // Before the task files are loaded, so that breakpoints in them are met.
  if (inspectBrk) inspector.open(port, '127.0.0.1', true);
  const { task, handler } = await localTask(known.task_type ?? '');
  const { user_id, metadata, attempts } = known;
  const options = {
    taskId: id,
    userId: plainUserId(user_id),
    metadata: metadata ?? {},
    attempt: Math.max(1, attempts),
  };
  // biome-ignore lint/suspicious/noDebugger: where --inspect-brk stops; step into the handler from here
  debugger;
  const end = await runTask(task, handler, parameters, options);
  if (json) printJson(end);
  else {
    for (const { progress, message = '' } of end.progress) print(styleText('dim', `progress ${progress} ${message}`));
    for (const { level, message, fields } of end.logs)
      print(visibleLines(`${level} ${message}${fields ? ` ${JSON.stringify(fields)}` : ''}`));
    for (const request of end.submitted) print(`would submit ${JSON.stringify(request)}`);
    if (end.status === 'completed')
      print(`${styleText('green', '✔ completed')} ${JSON.stringify(end.result, null, 2)}`);
    else if (end.status === 'returned') print('returned: the handler handed over');
    else {
      print(`${styleText('red', `✘ ${end.error_code}`)} ${visibleLines(end.error)}`);
      const stack = end.cause instanceof Error ? ownStack(end.cause) : undefined;
      if (stack !== undefined) print(visibleLines(stack));
    }
    print(styleText('dim', 'It ran here alone: nothing was published, and the result of the task is as it was.'));
  }
  return end.status === 'completed' ? EXIT_CODE.ok : EXIT_CODE.failed;
}

function keptParameters({ parameters }: Known): JsonObject {
  const instead = 'give them by --parameters FILE, as JSON';
  if (parameters === null) throw new UsageError(`The parameters of this task are not kept: ${instead}.`);
  const mark = findMark(parameters, 'parameters');
  if (mark) throw new UsageError(`Of this task, ${mark.path} is secret and only kept as ${mark.mark}: ${instead}.`);
  return parameters;
}

async function parametersIn(file: string): Promise<JsonObject> {
  const text = await readFile(file, 'utf8').catch(({ message }: Error) => {
    throw new UsageError(`--parameters: ${message}`);
  });
  try {
    const parameters: unknown = JSON.parse(text);
    if (isJsonObject(parameters)) return parameters;
  } catch {}
  throw new UsageError(`--parameters: ${file} holds no JSON object.`);
}

async function localTask(type: string) {
  const registry = await createRegistry(loadConfig().tasks.folders);
  const task = registry.get(type);
  if (!task) throw new UsageError(registry.explainUnknown(type));
  const handler = registry.folderHandlers.get(type);
  if (!handler) throw new UsageError(`${type} is a task of taskwire itself: only those of your task folders run here.`);
  if (typeof handler !== 'function')
    throw new UsageError(`${type} is a program in another language: it does not run here.`);
  return { task, handler: handler as unknown as HandlerOf<TaskDefinition> };
}
