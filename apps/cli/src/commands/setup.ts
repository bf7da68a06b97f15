import { redisServer, setUp } from '@taskwire/setup';
import { Command } from 'commander';
import type { Finish } from '../exit-code.ts';

export function setupCommand(finish: Finish): Command {
  return new Command('setup')
    .description('install Redis, if there is none, with the package manager of this system')
    .option('--check', 'install nothing; exit code 1 if it is missing')
    .action(async ({ check: isCheck = false }: { check?: boolean }) =>
      finish(
        await setUp({ wanted: [redisServer], isCheck, command: 'npx taskwire setup', next: 'npx taskwire start' }),
      ),
    );
}
