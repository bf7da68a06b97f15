import { Command, Option } from 'commander';
import { UsageError } from '../command-error.ts';
import type { Finish } from '../exit-code.ts';
import { type WayOptions, withWayOption } from '../open-client.ts';
import type { GivenOptions } from '../sql/ask/run-options.ts';
import { FORMATS } from '../sql/show/format.ts';

interface SqlOptions extends Partial<GivenOptions>, WayOptions {
  check?: string | true;
  queries?: true;
}

export function sqlCommand(finish: Finish): Command {
  return withWayOption(new Command('sql'))
    .description('run SQL, many queries at once; exit code 1 when one fails. Or check connections, list named queries')
    .argument('[queries...]', 'files that end in .sql, with one statement each; or statements; - reads one from stdin')
    .option('--connection <name>', 'name in sql.connections (default: "default")')
    .option('--catalog <name>', 'where names without a catalog are looked up (default: as the connection says)')
    .option('--schema <name>', 'where names without a schema are looked up (default: as the connection says)')
    .option('--concurrency <n>', 'how many queries at a time (default: 4)')
    .addOption(new Option('--format <format>', 'of the rows (default: table; with --out csv)').choices(FORMATS))
    .option('--out <folder>', 'write a file for each query, instead of printing rows')
    .option('--bom', 'begin CSV with a byte order mark, by which Excel knows UTF-8')
    .option('--timeout <seconds>', 'longest run of each query (default: 12 hours); with --check: longest wait, 60')
    .option('--json', 'print JSON: a line with the result of each query')
    .option('--check [connection]', 'connect and say in plain words what is wrong; all connections by default')
    .option('--queries', 'list the named queries and what they take')
    .action(async (queries: string[], options: SqlOptions) => {
      const { check, queries: list, json = false, timeout, ...running } = options;
      if (check === undefined && list === undefined) {
        if (queries.length === 0)
          throw new UsageError('Say what to run, a statement or files; or --check or --queries.');
        const { runSql } = await import('../sql/run-sql.ts');
        return finish(await runSql(queries, { json, timeout, ...running }));
      }
      const one = check !== undefined && list !== undefined ? '--queries' : undefined;
      const beside = one ?? (queries.length > 0 ? 'queries' : Object.keys(running).map((name) => `--${name}`)[0]);
      if (beside)
        throw new UsageError(`${check === undefined ? '--queries' : '--check'} cannot be combined with ${beside}.`);
      if (check === undefined) {
        const { listQueries } = await import('../sql/list-queries.ts');
        return finish(await listQueries(json));
      }
      const { checkConnections } = await import('../sql/check-connections.ts');
      finish(await checkConnections({ connection: check === true ? undefined : check, timeout, json }));
    });
}
