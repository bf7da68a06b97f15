import fc from 'fast-check';
import { expect, test } from 'vitest';
import { localPath } from './local-path.ts';

const ORIGIN = 'http://127.0.0.1:7878';

test.each(['/', '/board', '/board/queue/default?status=failed&page=2', '/page#part', '/a//b', '/%2F%2Fevil'])(
  'keeps %s',
  (path) => {
    expect(localPath(path)).toBe(path);
  },
);

test.each([
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  ' //evil.example',
  'https://evil.example',
  'javascript:alert(1)',
  'evil.example',
  '',
  '/ü',
  undefined,
  ['/a', '/b'],
])('leads to the start page instead of %j', (path) => {
  expect(localPath(path)).toBe('/');
});

test.each(['/login', '/login?next=/a', '/logout'])('does not lead from the login to %s', (path) => {
  expect(localPath(path)).toBe('/');
});

test('whatever it is given, a browser stays with us', () => {
  const pieces = fc.constantFrom(
    '/',
    '\\',
    '\t',
    '\n',
    '\r',
    ' ',
    '.',
    '..',
    ':',
    '@',
    '?',
    '#',
    '%2f',
    'evil',
    'http:',
  );
  const paths = fc.oneof(
    fc.string(),
    fc.array(pieces).map((parts) => `/${parts.join('')}`),
  );
  fc.assert(
    fc.property(paths, (path) => {
      expect(new URL(localPath(path), `${ORIGIN}/login`).origin).toBe(ORIGIN);
    }),
    { numRuns: 2000 },
  );
});
