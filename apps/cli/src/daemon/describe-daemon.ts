/** A `taskwire start` that has the folder now. */
export interface RunningDaemon {
  /** Undefined when its pid file is not there: it is starting, or somebody has removed it. */
  pid: number | undefined;
  /** ISO 8601, UTC. */
  startedAt: string | undefined;
}

/** `pid 7, since 2026-01-31 07:00:00 UTC`, as far as it is known. */
export function describeDaemon({ pid, startedAt }: RunningDaemon): string {
  if (pid === undefined || startedAt === undefined) return 'its pid file is not there';
  return `pid ${pid}, since ${startedAt.slice(0, 19).replace('T', ' ')} UTC`;
}
