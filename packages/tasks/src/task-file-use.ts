let tell: (file: string) => void = () => undefined;

/**
 * Tells, of each file that is loaded for the tasks of this process, its path: task files and what they import, but not what is in
 * node_modules; also files that are missing. Another call replaces the listener.
 */
export function onTaskFile(listener: (file: string) => void): void {
  tell = listener;
}

/** For what loads them. */
export function usesFile(file: string): void {
  tell(file);
}
