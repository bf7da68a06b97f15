import { decoyOf, isPassword } from '@taskwire/config';
import type { User } from './accounts.ts';
import { oneAtATime } from './one-at-a-time.ts';

export type PasswordOutcome = { status: 'right'; user: User } | { status: 'wrong' } | { status: 'busy' };

/** Checks names and passwords. An unknown name takes as long as a wrong password, so that time betrays no names. */
export function createPasswordCheck(users: ReadonlyMap<string, User>) {
  const decoy = decoyOf([...users.values()][0]?.hash);
  const inTurn = oneAtATime();
  return async (username: string, password: string): Promise<PasswordOutcome> => {
    const user = users.get(username);
    const right = await inTurn(() => isPassword(password, user?.hash ?? decoy));
    if (right === 'busy') return { status: 'busy' };
    return right && user ? { status: 'right', user } : { status: 'wrong' };
  };
}
