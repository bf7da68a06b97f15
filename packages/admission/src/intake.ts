/** A way in. It gets `submit` when it is made, and passes every submission to it. */
export interface Intake extends AsyncDisposable {
  /** Resolves when it takes what arrives. */
  start(): Promise<void>;
  /** Submits nothing more. Earlier submissions may still become tasks. */
  stop(): void | Promise<void>;
}
