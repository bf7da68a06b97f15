import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';

const UNIT = ['packages/*/src', 'apps/*/src', 'scripts', 'bench'].map((folder) => `${folder}/**/*.test.ts`);
const INTEGRATION = ['packages/*/test', 'apps/*/test', 'examples', 'test'].map((folder) => `${folder}/**/*.test.ts`);

/** They replace a module (`vi.mock`), which others must not meet, measure their process, or change how it loads modules. */
const APART = [
  'apps/cli/src/supervisor/supervised.test.ts',
  'apps/web/src/access/password-check.test.ts',
  'apps/web/test/board-opens.test.ts',
  'packages/admission/src/dispatch-again.test.ts',
  'packages/inbox/test/no-events.test.ts',
  'packages/inbox/test/faults.test.ts',
  'packages/sql/test/postgres-rows.test.ts',
  'packages/tasks/src/load-folder.test.ts',
  'packages/store/src/announcer.test.ts',
];

const shared = {
  testTimeout: 45_000,
  hookTimeout: 30_000,
  // It is what a test waits for, on a busy machine too; one second is the default.
  expect: { poll: { timeout: 15_000 } },
  // Some hundred processes are started, which need half the time with it.
  env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/taskwire', import.meta.url)) },
};

const withRedis = { ...shared, globalSetup: ['packages/testing/src/vitest-setup.ts'], sequence: { groupOrder: 1 } };

// Isolation would start a process for each of some 250 files, and load there again what the one before had.
export default defineConfig({
  test: {
    maxWorkers: 3,
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: UNIT,
          exclude: [...configDefaults.exclude, ...APART],
          isolate: false,
        },
      },
      {
        test: {
          ...withRedis,
          name: 'integration',
          include: INTEGRATION,
          // These have commands of their own: npm run test:docker, test:packages, test:spark.
          exclude: [
            ...configDefaults.exclude,
            'test/docker/**',
            'test/packages/**',
            'packages/sql/test/spark/**',
            'test/spark/**',
            ...APART,
          ],
          isolate: false,
        },
      },
      { test: { ...withRedis, name: 'apart', include: APART } },
    ],
  },
});
