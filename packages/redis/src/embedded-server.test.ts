import { expect, test } from 'vitest';
import { isLoopback } from './embedded-server.ts';

test.each(['127.0.0.1', 'localhost', '::1', '127.0.1.1', '127.255.255.254'])('%s is a loopback address', (host) => {
  expect(isLoopback(host)).toBe(true);
});

test.each(['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', 'redis', '127.0.0.1.example.com', 'localhost.example.com', ''])(
  '%j is none',
  (host) => {
    expect(isLoopback(host)).toBe(false);
  },
);
