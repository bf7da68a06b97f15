import type { CallToolResult } from '@modelcontextprotocol/server';

/** What a tool says. Not half of a character: the JSON parsers of other languages refuse a whole message for that. */
export function say(text: string): CallToolResult {
  return { content: [{ type: 'text', text: text.toWellFormed() }] };
}

/** Something is wrong: what, and what to do. */
export function sayError(text: string): CallToolResult {
  return { ...say(text), isError: true };
}

/** What is wrong with parameters, for who gave them as arguments of a tool. */
export function inArguments(text: string): string {
  return text.replace(/(?<=^|: |; )parameters\.(?=\w)/g, '');
}

export function sayUnknown(taskId: string): CallToolResult {
  return sayError(
    `There is no task ${JSON.stringify(taskId)}, or its result is no longer kept. list_tasks lists the latest.`,
  );
}
