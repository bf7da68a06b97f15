import type { JsonValue } from '@taskwire/protocol';
import { PARAMETER_TYPES, type ParameterType } from './parameter-types.ts';

export interface QueryParameter {
  name: string;
  type: ParameterType;
  /** Undefined: it must be given. */
  default: JsonValue | undefined;
  description: string;
}

/** What the comments at the beginning of a query file say. */
export interface QueryHeader {
  description: string;
  connection: string | undefined;
  maxRows: number | undefined;
  parameters: QueryParameter[];
}

const COMMENT = /^--\s?(.*)$/;
const PARAMETER = /^@param\s+(\w+)\s+(\w+)(?:\s*=\s*("(?:[^"\\]|\\.)*"|[^\s"]+))?(?:\s+(.*))?$/;

/**
 * Reads the comment lines that a query file begins with:
 *
 *     -- Orders of a region since a day.
 *     -- @connection app
 *     -- @max_rows 5000
 *     -- @param region text The region's name
 *     -- @param since date = "2024-01-01" First day
 *
 * @throws Error with what is wrong, and the number of the line
 */
export function readQueryHeader(text: string): QueryHeader {
  const header: QueryHeader = { description: '', connection: undefined, maxRows: undefined, parameters: [] };
  const descriptions: string[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const comment = COMMENT.exec(line.trim())?.[1]?.trim();
    if (comment === undefined && line.trim() !== '') break;
    if (!comment) continue;
    if (comment.startsWith('@')) readTag(header, comment, index + 1);
    else descriptions.push(comment);
  }
  return { ...header, description: descriptions.join(' ') };
}

function readTag(header: QueryHeader, comment: string, line: number): void {
  const [tag, value = ''] = comment.split(/\s+/, 2);
  const wrong = (message: string) => new Error(`line ${line}: ${message}`);
  switch (tag) {
    case '@param':
      header.parameters.push(readParameter(comment, wrong));
      break;
    case '@connection':
      if (value === '') throw wrong('@connection needs the name of a connection');
      header.connection = value;
      break;
    case '@max_rows':
      if (!/^\d+$/.test(value)) throw wrong('@max_rows needs a whole number');
      header.maxRows = Number(value);
      break;
    default:
      throw wrong(`${tag} is none of @param, @connection, @max_rows`);
  }
}

function readParameter(comment: string, wrong: (message: string) => Error): QueryParameter {
  const [, name = '', type = '', fallback, description = ''] = PARAMETER.exec(comment) ?? [];
  if (name === '') throw wrong('write it as: @param NAME TYPE [= DEFAULT] [description]');
  if (!isType(type)) throw wrong(`the type of ${name} is none of ${Object.keys(PARAMETER_TYPES).join(', ')}`);
  const value = fallback === undefined ? undefined : defaultIn(fallback, wrong);
  if (value !== undefined && value !== null && !PARAMETER_TYPES[type].fits(value)) {
    throw wrong(`the default of ${name} must be ${PARAMETER_TYPES[type].words}`);
  }
  return { name, type, default: value, description };
}

function isType(word: string): word is ParameterType {
  return Object.hasOwn(PARAMETER_TYPES, word);
}

function defaultIn(text: string, wrong: (message: string) => Error): JsonValue {
  try {
    return JSON.parse(text);
  } catch {
    throw wrong(`the default ${text} is not JSON; write a text in double quotes`);
  }
}
