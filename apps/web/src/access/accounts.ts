import { createHash, randomBytes } from 'node:crypto';
import {
  ConfigError,
  type ConfigFault,
  hashPassword,
  type PasswordHash,
  parsePasswordHash,
  type WebConfig,
} from '@taskwire/config';
import { isLoopback } from '@taskwire/redis';
import type { Logger } from '@taskwire/service';
import type { Bounds } from './bounds.ts';

export type Role = WebConfig['users'][string]['role'];

/** Who asks. */
export interface Visitor {
  name: string;
  role: Role;
  /** Of a token that is for some tasks only. */
  bounds?: Bounds;
  /** Tasks that it may submit in a minute. */
  perMinute?: number | undefined;
}

export interface User {
  role: Role;
  hash: PasswordHash;
  /** Changes with the password hash in the configuration, which ends the user's sessions. */
  fingerprint: string;
}

/** Who may ask. Without login, everybody who can reach us: this machine alone. */
export interface Accounts {
  login: boolean;
  users: ReadonlyMap<string, User>;
  /** Programs, by the configured hash of their token. */
  tokens: ReadonlyMap<string, Visitor>;
  /** Whether the password was made at this start. */
  generated: boolean;
}

/** The user whose password is made at the start. */
export const GENERATED_USER = 'operator';

/**
 * Who may ask, by the configuration.
 *
 * @throws ConfigError when it names nobody, though other machines can ask.
 */
export async function accountsOf(config: WebConfig, logger: Logger): Promise<Accounts> {
  const users = Object.entries(config.users);
  const tokens = Object.entries(config.tokens);
  if (users.length + tokens.length > 0) {
    return {
      login: true,
      users: usersOf(users),
      tokens: new Map(tokens.map(([name, token]) => [token.token_hash, programOf(name, token)])),
      generated: false,
    };
  }
  if (config.generate_password) {
    return { login: true, users: await generatedUser(logger), tokens: new Map(), generated: true };
  }
  if (isLoopback(config.host)) return { login: false, users: new Map(), tokens: new Map(), generated: false };
  throw new ConfigError('web', [NOBODY_NAMED]);
}

const NOBODY_NAMED: ConfigFault = {
  path: 'web.host',
  message: 'is not a loopback address, and neither web.users nor web.tokens says who may ask',
  fix: [
    'run `taskwire hash-password` and put what it prints into web.users (TASKWIRE_WEB_USERS)',
    'or have a password made at every start: web.generate_password (TASKWIRE_WEB_GENERATE_PASSWORD=true)',
    'or listen only on this machine: web.host 127.0.0.1 (TASKWIRE_WEB_HOST)',
  ].join(',\n         '),
};

function programOf(name: string, { role, task_types, user_id, per_minute }: WebConfig['tokens'][string]): Visitor {
  const isBound = (task_types ?? user_id) !== undefined;
  const bounds = { taskTypes: task_types, userId: user_id };
  return { name, role, perMinute: per_minute, ...(isBound && { bounds }) };
}

function usersOf(users: [string, WebConfig['users'][string]][]): Map<string, User> {
  return new Map(
    users.map(([name, { password_hash, role }]) => {
      // The hash itself stays out of Redis: a password could be guessed from it.
      const fingerprint = createHash('sha256').update(password_hash).digest('base64url');
      return [name, { role, hash: parsePasswordHash(password_hash), fingerprint }];
    }),
  );
}

async function generatedUser(logger: Logger): Promise<Map<string, User>> {
  const password = randomBytes(12).toString('hex');
  const password_hash = await hashPassword(password);
  logger.warn(
    `log in as ${GENERATED_USER} with the password ${password} (made for this start; ` +
      'to set your own: taskwire hash-password, then web.users or TASKWIRE_WEB_USERS)',
  );
  return usersOf([[GENERATED_USER, { password_hash, role: 'operator' }]]);
}
