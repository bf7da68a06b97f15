/** A way in. It gets `submit` when it is made, and hands every submission over there. */
export interface Intake extends AsyncDisposable {
  /** Resolves when it takes in what comes. */
  start(): Promise<void>;
  /** Submits nothing more. What it has submitted may still become tasks. */
  stop(): void | Promise<void>;
}
