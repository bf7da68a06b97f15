/** Thrown by a handler when trying again cannot help: the task ends in an error at once. */
export class PermanentError extends Error {
  readonly code: string = 'task_failed';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Thrown by a handler when a parameter turns out to be wrong in a way that its schema could not see. */
export class InvalidParameterError extends PermanentError {
  override readonly code = 'invalid_parameters';
  /** The parameter, as `connection` or `rows[2].name`. */
  readonly parameter: string;

  constructor(parameter: string, message: string) {
    super(`parameters.${parameter}: ${message}`);
    this.parameter = parameter;
  }
}
