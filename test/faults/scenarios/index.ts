import type { Scenario } from '../core/scenario.ts';
import { fuzz, soak } from './long.ts';
import { network } from './network.ts';
import { poisons } from './poison.ts';
import { onPostgres } from './postgres.ts';
import { processes } from './processes.ts';
import { redisAway, redisRefuses } from './redis.ts';
import { failovers } from './sentinel.ts';

/** In the order of the table. */
export const scenarios: readonly Scenario[] = [
  ...processes,
  ...redisAway,
  ...network,
  ...redisRefuses,
  ...failovers,
  ...poisons,
  ...onPostgres,
  fuzz,
  soak,
];
