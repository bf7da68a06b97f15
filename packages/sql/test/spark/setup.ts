import { type SparkAddress, sparkHome, startSpark } from '@taskwire/testing/spark';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    spark: SparkAddress;
  }
}

/** Vitest's global set-up: one Spark for all tests of the run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = sparkHome();
  if (home === undefined) throw new Error('There is no Spark here: run npm run setup -- --spark');
  const spark = await startSpark({ home });
  const { host, port, httpPath, certificate, uiPort } = spark;
  project.provide('spark', { host, port, httpPath, certificate, uiPort });
  return async () => spark[Symbol.asyncDispose]();
}
