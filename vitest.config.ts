import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages', 'apps', 'scripts', 'examples', 'test'].map((folder) => `${folder}/**/*.test.ts`),
    globalSetup: ['packages/testing/src/vitest-setup.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
  },
});
