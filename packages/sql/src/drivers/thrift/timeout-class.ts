/** 1, 2, 5, 10, 20 and 30 s and min; 1, 2, 5, 10, 24 and 48 h, which is the most that Databricks takes. */
const CLASSES_S = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 18_000, 36_000, 86_400, 172_800];

/**
 * The server's limit for a statement, in seconds: the next of a few steps.
 *
 * It is a setting of the session: if it were exact, statements with different times could not share sessions. It only
 * matters if the worker is dead and nobody can cancel.
 */
export function timeoutClass(timeoutMs: number): number {
  return CLASSES_S.find((seconds) => seconds * 1000 >= timeoutMs) ?? (CLASSES_S.at(-1) as number);
}
