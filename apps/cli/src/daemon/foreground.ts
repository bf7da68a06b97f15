import { loadConfig } from '@taskwire/config';
import { InboxFolder } from '@taskwire/inbox/folder';
import { print } from '../output/print.ts';
import { stopSignal } from '../stop-signal.ts';
import { createLogSink } from '../supervisor/log-sink.ts';
import { describeDaemon } from './describe-daemon.ts';
import { FolderClaim } from './folder-claim.ts';
import { runStack } from './run-stack.ts';

/** `taskwire start`: resolves when it has stopped on request, or at once if one already runs on the folder. */
export async function runInForeground({ watch = false } = {}): Promise<void> {
  const stopped = stopSignal();
  const config = loadConfig();
  const made = await FolderClaim.make(new InboxFolder(config.inbox));
  if (made.status === 'running') {
    print(`taskwire is running already (${describeDaemon(made.daemon)}); taskwire stop stops it.`);
    return;
  }
  using claim = made.claim;
  await runStack({ config, log: createLogSink(process.stdout), claim, stopped, watch });
}
