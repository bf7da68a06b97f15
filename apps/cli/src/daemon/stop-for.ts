import type { LogSink } from '../supervisor/json-lines.ts';

/** For a daemon that has lost its folder: has this process stop in order, as if it were told to. */
export function stopFor(log: LogSink): (reason: string) => void {
  return (reason) => {
    log.say(`stopping, because this is no longer the taskwire of its inbox folder: ${reason}`, 'error');
    process.kill(process.pid, 'SIGTERM');
  };
}
