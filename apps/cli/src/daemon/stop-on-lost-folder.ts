import type { LogSink } from '../supervisor/json-lines.ts';

/** What a daemon does that has lost its folder: this process is to stop in order, as if it were told to. */
export function stopOnLostFolder(log: LogSink): (reason: string) => void {
  return (reason) => {
    log.say(`stopping, because this is no longer the taskwire of its inbox folder: ${reason}`, 'error');
    process.kill(process.pid, 'SIGTERM');
  };
}
