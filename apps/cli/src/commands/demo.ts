import { Command } from 'commander';
import { breakIt } from '../demo/break-it.ts';
import { publishExamples } from '../demo/examples.ts';
import { withPrivateStack } from '../demo/private-stack.ts';
import type { Finish } from '../exit-code.ts';

export function demoCommand(finish: Finish): Command {
  return new Command('demo')
    .description('run one task of each type on a private stack that leaves nothing behind')
    .option('--break-it', 'send 10,000 numbered tasks and kill everything on the way: a minute')
    .action(async ({ breakIt: breaking }: { breakIt?: boolean }) =>
      finish(await (breaking ? breakIt() : withPrivateStack({}, publishExamples))),
    );
}
