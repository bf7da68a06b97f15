import { configDefaults, defineConfig } from 'vitest/config';

const UNIT = ['packages/*/src', 'apps/*/src', 'scripts'].map((folder) => `${folder}/**/*.test.ts`);
const INTEGRATION = ['packages/*/test', 'apps/*/test', 'examples', 'test'].map((folder) => `${folder}/**/*.test.ts`);

/** They stand beside their sources, but cannot share a process with other files: they replace a module. */
const APART = [
  'apps/cli/src/supervisor/supervised.test.ts',
  'apps/web/src/access/password-check.test.ts',
  'packages/admission/src/dispatch-again.test.ts',
  'packages/store/src/announcer.test.ts',
];

const shared = {
  testTimeout: 20_000,
  hookTimeout: 30_000,
  // It is what a test waits for, on a busy machine too; one second is the default.
  expect: { poll: { timeout: 15_000 } },
};

export default defineConfig({
  test: {
    maxWorkers: 2,
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
          ...shared,
          name: 'integration',
          include: [...INTEGRATION, ...APART],
          // These have a command of their own: npm run test:docker.
          exclude: [...configDefaults.exclude, 'test/docker/**'],
          globalSetup: ['packages/testing/src/vitest-setup.ts'],
        },
      },
    ],
  },
});
