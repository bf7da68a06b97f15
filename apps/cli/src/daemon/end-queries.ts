import type { Config } from '@taskwire/config';
import { cancelTasks } from '../commands/cancel.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { print } from '../output/print.ts';
import { queriesGoingOn } from '../supervisor/queries-going-on.ts';

/** Cancels the queries that would go on in their engines, and says what became of each. @returns whether all have ended */
export async function endQueries(config: Config): Promise<boolean> {
  try {
    const seen = new Set<string>();
    let haveEnded = true;
    // Only some of them are found at a time.
    for (;;) {
      const queries = await queriesGoingOn(config);
      if (!queries) throw new Error('Redis, which knows the queries, does not answer');
      const ids = queries.map(({ task_id }) => task_id).filter((id) => !seen.has(id));
      if (ids.length === 0) break;
      for (const id of ids) seen.add(id);
      if ((await cancelTasks(ids, { wait: true })) === EXIT_CODE.noResult) haveEnded = false;
    }
    if (seen.size === 0) print('no query goes on in an engine');
    return haveEnded;
  } catch (error) {
    process.stderr.write(`Not cancelled: ${(error as Error).message}\n`);
    return false;
  }
}
