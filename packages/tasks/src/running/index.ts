export { type AttemptScope, attemptScope } from '../checkpoint.ts';
export { type CheckedParameters, checkParameters } from './check-parameters.ts';
export { checkpointText } from './checkpoint-text.ts';
export { type Failure, failed, type HandlerOutcome } from './failure.ts';
export { failureOf, invalidResult, messageOf, notJson } from './failure-of.ts';
export { type FurtherTask, furtherTasks } from './further-tasks.ts';
export type { AttemptHost } from './handler-context.ts';
export { LOG_LEVELS, type LogLine } from './log-line.ts';
export { runHere } from './run-here.ts';
