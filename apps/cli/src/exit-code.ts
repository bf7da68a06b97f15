/** Exit codes of the command; documented in docs/cli.md. */
export const EXIT_CODE = {
  /** Done; for `run` and `result`: the task completed. */
  ok: 0,
  /** The task ended in an error, or the command failed in a way that nobody foresaw. */
  failed: 1,
  /** Wrong usage or a fault of the configuration. */
  usage: 2,
  /** Redis or the processor cannot be reached. */
  unreachable: 3,
  /** No result: not in the time given, not yet, or no such task. */
  noResult: 4,
  /** Ctrl-C, as a shell has it. */
  interrupted: 130,
  /** Nobody reads the output any more, as a shell has it of SIGPIPE. */
  readerGone: 141,
} as const;

/** How a command that did its work sets the exit code. */
export type Finish = (exitCode: number) => void;
