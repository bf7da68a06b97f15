import { defineConfig } from 'vitest/config';

/** `npm run test:spark`: one Spark, which takes both cores; so one test at a time. */
export default defineConfig({
  test: {
    include: ['packages/sql/test/spark/**/*.test.ts', 'test/spark/**/*.test.ts'],
    globalSetup: ['packages/sql/test/spark/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    fileParallelism: false,
    isolate: false,
  },
});
