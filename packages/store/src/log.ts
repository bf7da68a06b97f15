/** The part of a logger that is needed here. */
export interface Log {
  debug(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
