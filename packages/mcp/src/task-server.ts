import { type CallToolResult, ProtocolError, ProtocolErrorCode, Server } from '@modelcontextprotocol/server';
import type { Config } from '@taskwire/config';
import { say, sayError } from './answers/answer.ts';
import { notDoneYet } from './answers/task-in-words.ts';
import { connectionsFor } from './connections.ts';
import { INSTRUCTIONS } from './instructions.ts';
import { clientNameOf, TASKS_EXTENSION, takesTasks } from './protocol/declared.ts';
import { earlierFormOf, serveEarlierTasks } from './protocol/earlier-tasks.ts';
import { tellsProgress } from './protocol/progress.ts';
import { serveResources } from './protocol/resources.ts';
import type { TaskTerms } from './protocol/task-form.ts';
import { createdTask, serveTasks } from './protocol/tasks.ts';
import type { TaskDesk, TaskNow } from './task-desk.ts';
import { connectionTools } from './tools/connection-tools.ts';
import { readResult } from './tools/read-result.ts';
import { taskTools } from './tools/task-tools.ts';
import { GoesOn, type Tool } from './tools/tool.ts';
import { typeTool } from './tools/type-tool.ts';
import { version } from './version.ts';

export interface TaskServerOptions {
  desk: TaskDesk;
  config: Config;
  /** `legacy`: the protocol before 2026-07-28. */
  era: 'legacy' | 'modern';
  /** What who asks is told of an error that a tool throws: what is wrong, and what to do. */
  explain: (error: unknown) => string | Promise<string>;
}

const OWN_TOOLS: readonly Tool[] = [...taskTools, readResult, ...connectionTools];

/** An MCP server for one connection, or one request over HTTP. It keeps nothing: all that it says is asked of the desk. */
export function createTaskServer({ desk, config, era, explain }: TaskServerOptions): Server {
  const { mcp: settings, results, sql } = config;
  const connections = connectionsFor(config);
  const terms: TaskTerms = { keepMs: results.ttl_seconds * 1000, maxTokens: settings.max_tokens };
  const capabilities = {
    tools: {},
    resources: {},
    ...(era === 'modern'
      ? { extensions: { [TASKS_EXTENSION]: {} } }
      : { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } }),
  };
  const server = new Server({ name: 'taskwire', version }, { capabilities, instructions: INSTRUCTIONS });

  const tools = async (): Promise<Tool[]> => {
    const types = (await desk.types()).map((type) => typeTool(type, connections));
    const isOwn = (tool: Tool) => OWN_TOOLS.some(({ listed }) => listed.name === tool.listed.name);
    const all = [...OWN_TOOLS, ...types.filter((tool) => !isOwn(tool))];
    return types.some(({ forSql }) => forSql) ? all : all.filter(({ forSql }) => !forSql);
  };
  const isToLook = ({ makesTask, listed }: Tool) => !makesTask && listed.annotations?.readOnlyHint === true;
  server.setRequestHandler('tools/list', async () => ({
    tools: (await tools())
      .filter((tool) => !desk.onlyLooks || isToLook(tool))
      .map(({ listed, makesTask }) =>
        makesTask && era === 'legacy' ? { ...listed, execution: { taskSupport: 'optional' as const } } : listed,
      ),
  }));
  server.setRequestHandler('tools/call', async ({ params }, context) => {
    const isAsked = ({ listed }: Tool) => listed.name === params.name;
    // Of those for everybody the desk need not be asked.
    const tool = OWN_TOOLS.find((own) => isAsked(own) && !own.forSql) ?? (await tools()).find(isAsked);
    if (!tool) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no tool ${params.name}`);
    const atOnce = params.task !== undefined && tool.makesTask;
    const client = clientNameOf(context) ?? server.getClientVersion()?.name;
    const { signal } = context.mcpReq;
    const watch = tellsProgress(context, desk);
    const called = await tool
      .call(params.arguments ?? {}, { desk, settings, connections, sql, explain, signal, atOnce, client, watch })
      .catch(async (error: unknown) => sayError(await explain(error)));
    if (called instanceof GoesOn) return answerWith(called.task);
    if (atOnce) throw new ProtocolError(ProtocolErrorCode.InvalidParams, JSON.stringify(called.content));
    return called;

    function answerWith(task: TaskNow): CallToolResult {
      // The SDK wants content in each answer to a call.
      if (atOnce) return { task: earlierFormOf(task, terms), content: [] };
      return takesTasks(context) ? { ...createdTask(task, terms), content: [] } : say(notDoneYet(task));
    }
  });
  serveResources(server, { desk });
  if (era === 'modern') serveTasks(server, { desk, terms });
  else serveEarlierTasks(server, { desk, terms });
  return server;
}
