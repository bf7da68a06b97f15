/** Exit codes of the command; documented in docs/cli.md. */
export const EXIT_CODE = {
  /** Done; for `run` and `result`: the task completed. */
  ok: 0,
  /** The task ended in an error, or the command failed unexpectedly. */
  failed: 1,
  /** Wrong usage or a fault in the configuration. */
  usage: 2,
  /** Redis or the processor cannot be reached. */
  unreachable: 3,
  /** No result: not in the time given, not yet, or no such task. */
  noResult: 4,
  /** Ctrl-C, as shells report it. */
  interrupted: 130,
  /** Nobody reads the output any more; as shells report SIGPIPE. */
  readerGone: 141,
} as const;

/** Sets the exit code of a command that did its work. */
export type Finish = (exitCode: number) => void;
