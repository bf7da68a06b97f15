import { defineConfig } from 'vitest/config';

/** `npm run test:packages`: packs what is published, installs it into an empty folder, and uses it there. */
export default defineConfig({
  test: {
    include: ['test/packages/**/*.test.ts'],
    globalSetup: ['test/packages/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 300_000,
  },
});
