import type { ErrorDetail } from '@taskwire/protocol';

export interface PermanentErrorOptions extends ErrorOptions {
  /** Where and what, for programs: the result's `error_details`, at most 20. */
  details?: readonly ErrorDetail[];
}

/** Thrown by a handler if trying again cannot help: the task ends in an error at once. */
export class PermanentError extends Error {
  readonly code: string = 'task_failed';
  readonly details: readonly ErrorDetail[] | undefined;

  constructor(message: string, options?: PermanentErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.details = options?.details;
  }
}

/** Thrown by a handler if a parameter is wrong in a way that its schema could not see. */
export class InvalidParameterError extends PermanentError {
  override readonly code = 'invalid_parameters';
  /** The parameter, as `connection` or `rows[2].name`. */
  readonly parameter: string;

  constructor(parameter: string, message: string) {
    super(`parameters.${parameter}: ${message}`);
    this.parameter = parameter;
  }
}

/** Thrown by a handler for a limit of its own: a database stopped the query, or a result grew too large. */
export class LimitError extends PermanentError {
  override readonly code: 'timeout' | 'result_too_large';

  constructor(code: LimitError['code'], message: string, options?: PermanentErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
