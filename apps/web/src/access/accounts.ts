import { createHash, randomBytes } from 'node:crypto';
import { ConfigError, type ConfigFault, type DashboardConfig } from '@taskwire/config';
import { isLoopback } from '@taskwire/redis';
import type { Logger } from '@taskwire/service';
import { hashPassword, type PasswordHash, parsePasswordHash } from './password-hash.ts';
import type { Role, Visitor } from './visitor.ts';

export interface User {
  role: Role;
  hash: PasswordHash;
  /** Another password hash in the configuration has another one, which makes the sessions of this user void. */
  fingerprint: string;
}

/** Who may ask. Without login everybody who can reach us may: this machine alone. */
export interface Accounts {
  login: boolean;
  users: ReadonlyMap<string, User>;
  /** Programs, by the hash of their token as it is configured. */
  tokens: ReadonlyMap<string, Visitor>;
  /** Whether the password was made at this start. */
  generated: boolean;
}

/** The user whose password is made at the start. */
export const GENERATED_USER = 'operator';

/**
 * Who may ask, by the configuration.
 *
 * @throws ConfigError when nobody is named though others than this machine can ask, and for unusable password hashes.
 */
export async function accountsOf(config: DashboardConfig, logger: Logger): Promise<Accounts> {
  const users = Object.entries(config.users);
  const tokens = Object.entries(config.tokens);
  if (users.length + tokens.length > 0) {
    return {
      login: true,
      users: usersOf(users),
      tokens: new Map(tokens.map(([name, { token_hash, role }]) => [token_hash, { name, role }])),
      generated: false,
    };
  }
  if (config.generate_password) {
    return { login: true, users: await generatedUser(logger), tokens: new Map(), generated: true };
  }
  if (isLoopback(config.host)) return { login: false, users: new Map(), tokens: new Map(), generated: false };
  throw new ConfigError('dashboard', [NOBODY_NAMED]);
}

/** What the configuration holds of a token. */
export function tokenHashOf(token: string): string {
  return `sha256:${createHash('sha256').update(token).digest('base64url')}`;
}

const NOBODY_NAMED: ConfigFault = {
  path: 'dashboard.host',
  message: 'is not a loopback address, and neither dashboard.users nor dashboard.tokens says who may ask',
  fix: [
    'run `taskwire hash-password` and put what it prints into dashboard.users (TASKWIRE_DASHBOARD_USERS)',
    'or have a password made at every start: dashboard.generate_password (TASKWIRE_DASHBOARD_GENERATE_PASSWORD=true)',
    'or listen on this machine alone: dashboard.host 127.0.0.1 (TASKWIRE_DASHBOARD_HOST)',
  ].join(',\n         '),
};

function usersOf(users: [string, DashboardConfig['users'][string]][]): Map<string, User> {
  const faults: ConfigFault[] = [];
  const parsed = new Map<string, User>();
  for (const [name, { password_hash, role }] of users) {
    const hash = parsePasswordHash(password_hash);
    if (typeof hash === 'string') {
      const path = `dashboard.users.${name}.password_hash`;
      faults.push({ path, message: hash, fix: 'write what `taskwire hash-password` prints, all of it' });
    } else {
      // Not the hash itself goes into Redis, where a password could be guessed from it.
      parsed.set(name, { role, hash, fingerprint: createHash('sha256').update(password_hash).digest('base64url') });
    }
  }
  if (faults.length > 0) throw new ConfigError('dashboard', faults);
  return parsed;
}

async function generatedUser(logger: Logger): Promise<Map<string, User>> {
  const password = randomBytes(12).toString('hex');
  const password_hash = await hashPassword(password);
  logger.warn(
    `log in as ${GENERATED_USER} with the password ${password} (made for this start; ` +
      'to set your own: taskwire hash-password, then dashboard.users or TASKWIRE_DASHBOARD_USERS)',
  );
  return usersOf([[GENERATED_USER, { password_hash, role: 'operator' }]]);
}
