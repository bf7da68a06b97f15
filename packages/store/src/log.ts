/** What is needed of a logger here. */
export interface Log {
  debug(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
