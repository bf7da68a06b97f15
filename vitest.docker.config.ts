import { defineConfig } from 'vitest/config';

/** `npm run test:docker`: the image, docker-compose.yml, and a Redis in a container that dies. */
export default defineConfig({
  test: {
    include: ['test/docker/**/*.test.ts'],
    globalSetup: ['test/docker/setup.ts'],
    testTimeout: 90_000,
    // Installs all packages, where the engine has no image yet.
    hookTimeout: 300_000,
    fileParallelism: false,
  },
});
