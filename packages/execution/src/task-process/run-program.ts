import type { JsonObject } from '@taskwire/protocol';
import type { Program, TaskDefinition } from '@taskwire/tasks';
import { checkParameters, failed, invalidResult } from '@taskwire/tasks/running';
import type { AttemptOutcome } from '../attempt.ts';
import type { Run } from '../run.ts';
import { type Context, type TaskProcesses, USUAL } from './task-processes.ts';

/** Runs a task by its program, and checks by its JSON Schemas what goes in and what comes out. */
export async function runProgram(
  processes: Pick<TaskProcesses, 'run'>,
  { definition, program }: { definition: TaskDefinition; program: Program },
  run: Run,
  context: Context,
  begin: () => void,
): Promise<AttemptOutcome> {
  const checked = checkParameters(definition, run.task.parameters);
  if (checked.status === 'invalid') return failed(checked.failure);
  const task = { ...run.task, parameters: checked.parameters as JsonObject };
  const lane = { ...USUAL, name: `program ${definition.type}`, processes: program.processes, program };
  const outcome = await processes.run({ ...run, task }, context, begin, lane);
  if (!('result' in outcome)) return outcome;
  const result = definition.result.safeParse(outcome.result);
  if (!result.success) return failed(invalidResult(definition, result.error));
  return { status: 'completed', result: result.data as JsonObject };
}
