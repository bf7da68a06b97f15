/** A `taskwire start` that has the folder now. */
export interface RunningDaemon {
  /** Null when its pid file is not there: it is starting, or somebody has removed it. */
  pid: number | null;
  /** ISO 8601, UTC. */
  started_at: string | null;
}

/** `pid 7, since 2026-01-31 07:00:00 UTC`, as far as it is known. */
export function describeDaemon({ pid, started_at }: RunningDaemon): string {
  if (pid === null || started_at === null) return 'its pid file is not there';
  return `pid ${pid}, since ${started_at.slice(0, 19).replace('T', ' ')} UTC`;
}
