import type { CallToolResult, Tool as ListedTool } from '@modelcontextprotocol/server';
import type { Config } from '@taskwire/config';
import { errorDetailsOf, sentenceOf } from '@taskwire/protocol';
import { z } from 'zod';
import { sayError } from '../answers/answer.ts';
import type { Connection } from '../connections.ts';
import type { TaskDesk, TaskNow } from '../task-desk.ts';

/** What a call may use. */
export interface CallContext {
  desk: TaskDesk;
  settings: Config['mcp'];
  connections: readonly Connection[];
  /** All connections, and where the named queries are. */
  sql: Config['sql'];
  /** What who asks is told of an error that is thrown. */
  explain: (error: unknown) => string | Promise<string>;
  /** Aborted when nobody waits for the answer any more. */
  signal: AbortSignal;
  /** Whether it is to answer with a task, without waiting for the result. */
  atOnce: boolean;
  /** Tells of the progress of a task, until it is disposed of. */
  watch: (taskId: string) => Disposable;
  /** The name of the program that asks. */
  client: string | undefined;
}

/** Of a call whose result has not come in time. */
export class GoesOn {
  readonly task: TaskNow;

  constructor(task: TaskNow) {
    this.task = task;
  }
}

/** What a call brings: an answer, or a task that goes on. */
export type Called = CallToolResult | GoesOn;

export interface Tool {
  listed: ListedTool;
  /** Whether a call may bring a task. */
  makesTask: boolean;
  /** Whether it is of use only to who may run SQL. */
  forSql: boolean;
  call: (given: Record<string, unknown>, context: CallContext) => Promise<Called>;
}

interface ToolOptions<Input extends z.ZodObject> {
  name: string;
  description: string;
  input: Input;
  /** What is true of it: see the annotations of MCP. */
  annotations: ListedTool['annotations'];
  makesTask?: boolean;
  forSql?: boolean;
  call: (given: z.output<Input>, context: CallContext) => Promise<Called>;
}

/** A tool whose input is checked; what is wrong with it is an answer. */
export function defineTool<Input extends z.ZodObject>(options: ToolOptions<Input>): Tool {
  const { name, description, input, annotations, makesTask = false, forSql = false, call } = options;
  const inputSchema = z.toJSONSchema(input, { io: 'input' }) as ListedTool['inputSchema'];
  return {
    listed: { name, description, inputSchema, annotations: { openWorldHint: false, ...annotations } },
    makesTask,
    forSql,
    async call(given, context) {
      const { success, data, error } = input.safeParse(given);
      if (success) return call(data, context);
      return sayError(
        sentenceOf(`The call of ${name} is invalid`, errorDetailsOf(error, '', Object.keys(input.shape))),
      );
    },
  };
}

/** Of a tool that changes nothing. */
export const READS = { readOnlyHint: true, idempotentHint: true };
