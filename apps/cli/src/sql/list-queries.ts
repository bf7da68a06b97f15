import { loadConfig } from '@taskwire/config';
import { NamedQueries, type NamedQuery } from '@taskwire/sql';
import { EXIT_CODE } from '../exit-code.ts';
import { print, printJson } from '../output/print.ts';
import { visible } from '../output/terminal-text.ts';

/** Prints the named queries and their parameters. @returns the exit code */
export async function listQueries(json: boolean): Promise<number> {
  const { queries_directory } = loadConfig().sql;
  const folder = new NamedQueries(queries_directory);
  const read = await Promise.all((await folder.names()).map((name) => folder.get(name).catch(faultIn)));
  const queries = [...read, ...(await folder.misnamed())];
  const found = queries.filter((query) => typeof query !== 'string');
  if (json) printJson(found.map(({ text: _text, ...query }) => query));
  else if (queries.length === 0) print(`There are no queries in ${queries_directory}.`);
  else
    for (const query of queries)
      for (const line of typeof query === 'string' ? [query] : queryLines(query)) print(visible(line));
  return found.length === queries.length ? EXIT_CODE.ok : EXIT_CODE.failed;
}

function queryLines({ name, description, connection = 'default', parameters }: NamedQuery): string[] {
  const width = Math.max(...parameters.map((parameter) => parameter.name.length + parameter.type.length));
  return [
    `${name} (${connection})${description && `: ${description}`}`,
    ...parameters.map((parameter) => {
      const fallback = parameter.default === undefined ? 'required' : `default ${JSON.stringify(parameter.default)}`;
      const head = `${parameter.name} ${parameter.type}`.padEnd(width + 1);
      return `  ${head}  ${fallback}${parameter.description && `. ${parameter.description}`}`;
    }),
  ];
}

/** A faulty file is listed with the others. */
function faultIn(error: Error): string {
  return error.message;
}
