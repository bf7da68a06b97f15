import type { Config } from '@taskwire/config';
import { cancelTasks } from '../commands/cancel.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { print } from '../output/print.ts';
import { queriesGoingOn } from '../supervisor/queries-going-on.ts';

/** Cancels the queries that would go on in their engines, and says what became of each. @returns whether all have ended */
export async function endQueries(config: Config): Promise<boolean> {
  try {
    const queries = await queriesGoingOn(config);
    if (!queries) throw new Error('Redis, which knows the queries, does not answer');
    if (queries.length === 0) print('no query goes on in an engine');
    const ids = queries.map(({ task_id }) => task_id);
    return ids.length === 0 || (await cancelTasks(ids, { wait: true })) !== EXIT_CODE.noResult;
  } catch (error) {
    process.stderr.write(`Not cancelled: ${(error as Error).message}\n`);
    return false;
  }
}
