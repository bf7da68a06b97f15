/** The program that runs the tasks of a type, in whatever language: from a `.task.json` file. */
export interface Program {
  /** The file that names it. */
  file: string;
  /** Where it runs: the folder of the file. */
  folder: string;
  /** Its name or path, and its arguments. */
  command: readonly [string, ...string[]];
  /** `simple`: a process for each task. `stream`: a process for one task after the other. */
  mode: 'simple' | 'stream';
  /** How many run at a time, per worker. */
  processes: number;
}
