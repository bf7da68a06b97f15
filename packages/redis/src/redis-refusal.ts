/** Redis answers, but refuses what it is asked: what it is, as one reads after "Redis", and what a person does about it. */
export interface RedisRefusal {
  what: string;
  remedy: string;
}

const MISSING_RIGHT = 'does not let its user do all that taskwire needs';

/** By the word with which Redis begins its answer. */
const REFUSALS: readonly (readonly [answer: RegExp, what: string, remedy: string])[] = [
  [/^OOM /, 'is full (maxmemory)', 'Raise its maxmemory, or delete what else it holds.'],
  [/^MISCONF /, 'cannot write to its disk', 'Make room there, or let it write; its own log says why it cannot.'],
  [/READONLY You|^UNBLOCKED force/, 'is a replica', 'Name its primary (REDIS_URL), or run: redis-cli replicaof no one'],
  [/^NOREPLICAS /, 'has too few replicas to take changes', 'Bring them back, or lower min-replicas-to-write.'],
  [/^LOADING /, 'is still loading its data', 'It goes on by itself when it has read all.'],
  [
    /^(NOAUTH|WRONGPASS) |^ERR .*\bAUTH\b/,
    'wants another user or password (REDIS_USERNAME, REDIS_PASSWORD)',
    'Set those that it knows, and start taskwire again.',
  ],
  [/^ERR max number of clients/, 'has as many clients as it takes', 'Raise its maxclients (redis-cli client list).'],
  [/^DENIED /, 'is in protected mode: it has no password', 'Give it one (requirepass), and REDIS_PASSWORD too.'],
  [/^MOVED |SELECT is not allowed/, 'is a node of a cluster', 'Name its nodes in redis.cluster, and no database.'],
  [/^CLUSTERDOWN /, 'is a node of a cluster that does not work', 'redis-cli cluster info shows what it misses.'],
  [/DB index is out/, 'has no database of this number (redis.db)', 'Name a lower one, or raise its `databases`.'],
  [/^NOPERM |^ERR The user executing/, MISSING_RIGHT, 'Give it the right that it misses: redis-cli acl log shows it.'],
];

/** What Redis refuses, if an error says that it does. */
export function refusalOf(error: unknown): RedisRefusal | undefined {
  const { message, cause } = (error ?? {}) as Partial<Error>;
  if (message === undefined) return undefined;
  const found = REFUSALS.find(([answer]) => answer.test(message));
  return found ? { what: found[1], remedy: found[2] } : refusalOf(cause);
}

/** `Redis is full (maxmemory). Raise its …` */
export function refusalInWords({ what, remedy }: RedisRefusal): string {
  return `Redis ${what}. ${remedy}`;
}

/** A missing right is not needed all the time. */
const CURRENT_FOR_MS = 60_000;

/** What Redis refuses to this process: each of hundreds of tasks may meet it, and a person needs to be told once. */
export class RefusalWatch {
  #seen: { refusal: RedisRefusal; at: number } | undefined;

  /** What was refused within the last minute, if no write was taken since. */
  get current(): RedisRefusal | undefined {
    return this.#seen && performance.now() - this.#seen.at < CURRENT_FOR_MS ? this.#seen.refusal : undefined;
  }

  /** Redis has taken a write: only a right can still be missing. */
  written(): void {
    if (this.#seen?.refusal.what !== MISSING_RIGHT) this.#seen = undefined;
  }

  /** Looks at an error. `again`: it is known already. */
  see(error: unknown): (RedisRefusal & { again: boolean }) | undefined {
    const refusal = refusalOf(error);
    if (!refusal) return undefined;
    const again = this.current?.what === refusal.what;
    this.#seen = { refusal, at: performance.now() };
    return { ...refusal, again };
  }
}
