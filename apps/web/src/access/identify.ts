import { tokenHashOf, type WebConfig } from '@taskwire/config';
import type { FastifyRequest } from 'fastify';
import type { Accounts, Visitor } from './accounts.ts';
import { sessionCookieOf } from './session-cookie.ts';
import type { Sessions } from './sessions.ts';

/** Who asks; `unavailable` when only Redis knows, and does not answer. */
export type Identity =
  | { status: 'known'; visitor: Visitor }
  | { status: 'unknown' }
  | { status: 'wrong_token' }
  | { status: 'unavailable' };

/** Known at once, except for a session: that is in Redis. */
export type Identify = (request: FastifyRequest) => Identity | Promise<Identity>;

const LOCAL: Visitor = { name: 'local', role: 'operator' };

/** Tells who asks: by bearer token if there is one, else by session. Their rights come from the current configuration. */
export function createIdentify(accounts: Accounts, sessions: Sessions, config: WebConfig): Identify {
  const known = (visitor: Visitor): Identity => ({
    status: 'known',
    visitor: config.read_only ? { ...visitor, role: 'viewer' } : visitor,
  });
  const local = known(LOCAL);
  const byCookie = async (cookie: string): Promise<Identity> => {
    const kept = await sessions.read(cookie);
    if (kept.status === 'unavailable') return kept;
    const name = kept.value?.user ?? '';
    const user = accounts.users.get(name);
    // A new password ends the sessions opened with the old one.
    if (!user || user.fingerprint !== kept.value?.fingerprint) return { status: 'unknown' };
    return known({ name, role: user.role });
  };
  return (request) => {
    if (!accounts.login) return local;
    const token = bearerTokenOf(request);
    if (token !== undefined) {
      const program = accounts.tokens.get(tokenHashOf(token));
      return program ? known(program) : { status: 'wrong_token' };
    }
    const cookie = sessionCookieOf(request);
    return cookie === undefined ? { status: 'unknown' } : byCookie(cookie);
  };
}

/** Only a program sends a token by itself; a browser never does so for a page of another site. */
export function asksByTokenAlone(request: FastifyRequest): boolean {
  return bearerTokenOf(request) !== undefined && sessionCookieOf(request) === undefined;
}

function bearerTokenOf({ headers }: FastifyRequest): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
}
