import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages', 'apps', 'scripts', 'examples', 'test'].map((folder) => `${folder}/**/*.test.ts`),
    // These have a command of their own: npm run test:docker.
    exclude: [...configDefaults.exclude, 'test/docker/**'],
    globalSetup: ['packages/testing/src/vitest-setup.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // It is what a test waits for, on a busy machine too; one second is the default.
    expect: { poll: { timeout: 15_000 } },
    maxWorkers: 2,
  },
});
