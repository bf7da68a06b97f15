import { inject } from 'vitest';
import type { ThriftOptions } from '../../src/drivers/thrift/options.ts';
import { createThriftDriver, SPARK } from '../../src/drivers/thrift.ts';
import type { SqlDriver } from '../../src/index.ts';

/** For a driver on the Spark of the run. */
export function optionsFor(): ThriftOptions {
  const { host, port, httpPath, certificate } = inject('spark');
  return {
    dialect: SPARK,
    ...{ host, port, httpPath },
    ...(certificate !== undefined && { caCertificate: certificate }),
    auth: { kind: 'basic', user: 'tester', password: 'none' },
    readOnly: true,
    maxSessions: 4,
    idleMs: 60_000,
    connectTimeoutMs: 5000,
    answerTimeoutMs: 60_000,
  };
}

export function open(options: Partial<ThriftOptions> = {}): SqlDriver {
  return createThriftDriver({ ...optionsFor(), ...options });
}
