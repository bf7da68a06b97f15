import { createHash, randomBytes } from 'node:crypto';
import { sessionKey } from '@taskwire/protocol';
import { isRedisFault } from '@taskwire/redis';
import type { Logger } from '@taskwire/service';
import type { Redis } from 'ioredis';
import { z } from 'zod';

export interface SessionsOptions {
  redis: Redis;
  keyPrefix: string;
  /** How long a session lasts. */
  hours: number;
  logger: Logger;
}

/** What Redis gave, unless it does not answer. */
export type Answer<T> = { status: 'answered'; value: T } | { status: 'unavailable' };

const sessionSchema = z.object({ user: z.string(), fingerprint: z.string() });

/** A login: the user, and the fingerprint of the password hash that was valid then. */
export type Session = z.output<typeof sessionSchema>;

export type Sessions = ReturnType<typeof createSessions>;

/** After this, a person is told that there is no answer. The connection itself waits without limit. */
const REDIS_TIMEOUT_MS = 2000;

const TOKEN_BYTES = 32;
const TOKEN_SHAPE = /^[\w-]{43}$/;

/** Logins, kept in Redis under the hash of the browser's token: they outlive a restart and end by themselves. */
export function createSessions({ redis, keyPrefix, hours, logger }: SessionsOptions) {
  const keyOf = (token: string) => sessionKey(keyPrefix, createHash('sha256').update(token).digest('base64url'));

  /** Races, because the connection keeps commands until Redis is back. */
  async function answerTo<T>(asked: Promise<T>): Promise<Answer<T>> {
    const { promise: late, resolve } = Promise.withResolvers<Answer<T>>();
    const timer = setTimeout(() => resolve({ status: 'unavailable' }), REDIS_TIMEOUT_MS);
    try {
      return await Promise.race([asked.then((value) => ({ status: 'answered', value }) as const), late]);
    } catch (error) {
      if (!isRedisFault(error)) throw error;
      // The connection itself logs that Redis is out of reach.
      if (redis.status === 'ready') logger.warn({ err: error }, 'Redis does not keep the logins');
      return { status: 'unavailable' };
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    /** @returns the token for the browser. */
    async open(session: Session): Promise<Answer<string>> {
      const token = randomBytes(TOKEN_BYTES).toString('base64url');
      const kept = await answerTo(redis.set(keyOf(token), JSON.stringify(session), 'EX', hours * 3600));
      return kept.status === 'answered' ? { status: 'answered', value: token } : kept;
    },

    async read(token: string): Promise<Answer<Session | undefined>> {
      if (!TOKEN_SHAPE.test(token)) return { status: 'answered', value: undefined };
      const kept = await answerTo(redis.get(keyOf(token)));
      return kept.status === 'answered' ? { status: 'answered', value: sessionOf(kept.value) } : kept;
    },

    async close(token: string): Promise<Answer<unknown>> {
      return answerTo(redis.del(keyOf(token)));
    },
  };
}

function sessionOf(json: string | null): Session | undefined {
  try {
    return sessionSchema.parse(JSON.parse(json ?? ''));
  } catch {
    return undefined;
  }
}
