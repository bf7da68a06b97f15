import { type ErrorDetail, errorDetailsOf, sentenceOf } from '@taskwire/protocol';
import type { TaskDefinition } from '../define-task.ts';
import { parametersJsonSchema } from '../json-schema.ts';
import { maskOf } from '../masking/index.ts';
import type { Failure } from './failure.ts';
import { messageOf } from './failure-of.ts';

export type CheckedParameters = { status: 'valid'; parameters: object } | { status: 'invalid'; failure: Failure };

/** Checks parameters against a task's schema. Never throws, whatever a user's schema does. */
export function checkParameters(definition: TaskDefinition, parameters: unknown): CheckedParameters {
  const what = `The parameters of ${definition.type} are invalid`;
  try {
    const parsed = definition.parameters.safeParse(parameters);
    if (parsed.success) return { status: 'valid', parameters: parsed.data };
    const details = errorDetailsOf(parsed.error, 'parameters', namesOf(definition));
    return invalid({ definition, parameters, what, details });
  } catch (thrown) {
    const details = [{ path: 'parameters', message: `the task's schema failed on them: ${messageOf(thrown)}` }];
    return invalid({ definition, parameters, what, details });
  }
}

function invalid({ definition, parameters, what, details }: Faults): CheckedParameters {
  const failure: Failure = { code: 'invalid_parameters', error: sentenceOf(what, details), details, retryable: false };
  return { status: 'invalid', failure: maskOf(definition, parameters)?.failure(failure) ?? failure };
}

interface Faults {
  definition: TaskDefinition;
  parameters: unknown;
  what: string;
  details: ErrorDetail[];
}

function namesOf(definition: TaskDefinition): string[] {
  const { parameters, example } = definition;
  if ('shape' in parameters) return Object.keys(parameters.shape as object);
  return Object.keys(parametersJsonSchema(definition).properties ?? example);
}
