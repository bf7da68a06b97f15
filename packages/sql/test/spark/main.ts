import { spawnSync } from 'node:child_process';
import { sparkHome } from '@taskwire/testing/spark';

/**
 * `npm run test:spark`: what our stand-in cannot show, on a real Spark. `--all`: longer fuzzing. `--quick`: no long tests.
 * Anything else is for Vitest, as the name of a file.
 */
const [all, quick] = ['--all', '--quick'].map((flag) => process.argv.includes(flag));
const rest = process.argv.slice(2).filter((arg) => !['--all', '--quick'].includes(arg));

if (sparkHome() !== undefined) {
  const chosen = { ...(all && { TEST_SPARK_ALL: '1' }), ...(quick && { TEST_SPARK_QUICK: '1' }) };
  // biome-ignore lint/style/noProcessEnv: handed on as it is
  const env = { ...process.env, ...chosen };
  const vitest = ['vitest', 'run', '--config', 'vitest.spark.config.ts', ...rest];
  process.exitCode = spawnSync('npx', vitest, { stdio: 'inherit', env }).status ?? 1;
}
