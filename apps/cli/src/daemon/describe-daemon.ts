/** A `taskwire start` that has the folder now. */
export interface RunningDaemon {
  /** Null without a pid file: it is starting, or somebody has removed the file. */
  pid: number | null;
  /** ISO 8601, UTC. */
  started_at: string | null;
}

/** `pid 7, since 2026-01-31 07:00:00 UTC`, if known. */
export function describeDaemon({ pid, started_at }: RunningDaemon): string {
  if (pid === null || started_at === null) return 'its pid file is not there';
  return `pid ${pid}, since ${started_at.slice(0, 19).replace('T', ' ')} UTC`;
}
