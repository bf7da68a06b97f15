/** One statement that a user wants to run. */
export interface Query {
  /** Tells it from the others, and names its file: no path, and no other query has it. */
  name: string;
  /** As the user wrote it, with white space around it. */
  text: string;
  /** Path of the file that it came from, as the user gave it. */
  file?: string;
}

/** Where the statement begins in its text: the engine gets it without the white space around it, and counts from there. */
export function startOf({ text }: Query): number {
  return text.length - text.trimStart().length;
}
