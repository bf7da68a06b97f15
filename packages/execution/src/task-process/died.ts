/** How a process ended that nobody had asked to: `how` is its signal or its exit code. */
export interface Died {
  status: 'died';
  how: string;
  /** Whether it took more memory than its task may. */
  isOverMemory: boolean;
  /** Of its standard error, if it is a program of a `.task.json` file. */
  lastLines?: string;
}
