import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The version that the tests are for. */
export const SPARK_VERSION = '4.1.4';

/** Where `npm run setup -- --spark` puts it: once per machine, outside of every clone. */
export const SPARK_FOLDER = join(homedir(), '.cache', 'taskwire', `spark-${SPARK_VERSION}`);

/** The folder of its programs (`bin`) and classes (`jars`), or undefined: then it says so, since skipped tests must be seen. */
export function sparkHome(): string | undefined {
  const home = join(SPARK_FOLDER, 'pyspark');
  if (existsSync(join(home, 'bin', 'spark-submit'))) return home;
  console.warn('NO SPARK HERE: its tests are SKIPPED. Install it by: npm run setup -- --spark');
  return undefined;
}
