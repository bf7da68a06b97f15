/** One fault of the configuration. */
export interface ConfigFault {
  /** Where: the setting's path, as `redis.port`, and in brackets the variable if it came from the environment. */
  path: string;
  message: string;
  /** What to write instead. */
  fix: string;
}

/** The configuration cannot be used; holds all faults at once. Its message never holds the value of a setting. */
export class ConfigError extends Error {
  readonly code = 'invalid_config';
  readonly faults: readonly ConfigFault[];

  constructor(source: string, faults: readonly ConfigFault[]) {
    const lines = faults.map(({ path, message, fix }) => `  ${path}: ${message}\n    fix: ${fix}`);
    super(
      `The configuration (${source}) has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${lines.join('\n')}`,
    );
    this.name = 'ConfigError';
    this.faults = faults;
  }
}
