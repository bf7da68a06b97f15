import { hashPassword, parsePasswordHash } from '@taskwire/config';
import { expect, test, vi } from 'vitest';
import type { User } from './accounts.ts';
import { createPasswordCheck } from './password-check.ts';

const { costs } = vi.hoisted(() => ({ costs: [] as object[] }));

vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  const scrypt = (...[password, salt, length, options, done]: Parameters<typeof crypto.scrypt>) => {
    costs.push(options);
    crypto.scrypt(password, salt, length, options, done);
  };
  return { ...crypto, scrypt };
});

test('a name that nobody has costs the same computation as a wrong password', async () => {
  const passwordHash = await hashPassword('correct horse');
  const ada: User = { role: 'operator', fingerprint: 'any', hash: parsePasswordHash(passwordHash) };
  const check = createPasswordCheck(new Map([['ada', ada]]));
  costs.length = 0;
  expect(await check('ada', 'wrong')).toEqual({ status: 'wrong' });
  expect(await check('nobody', 'wrong')).toEqual({ status: 'wrong' });
  expect(await check('__proto__', 'correct horse')).toEqual({ status: 'wrong' });
  expect(costs).toHaveLength(3);
  expect(costs[1]).toEqual(costs[0]);
  expect(costs[2]).toEqual(costs[0]);
  expect(await check('ada', 'correct horse')).toEqual({ status: 'right', user: ada });
});
