import type { Redis } from 'ioredis';

/** Where a job is in a set. */
export interface JobPlace {
  job: string;
  /** In a list counted from its end, where workers take, else the score: so it is never too far when others leave. */
  at: number;
}

const PAGE = 50;

/** The jobs of a list, from its front; again from one that an earlier walk has met, or from where it was. */
export async function* walkList(redis: Redis, key: string, from?: JobPlace): AsyncGenerator<JobPlace[]> {
  const seen = new Set<string>();
  for (let last = from; ; ) {
    const answers = await redis
      .multi()
      .llen(key)
      .lpos(key, last?.job ?? '')
      .exec();
    const [length, index] = (answers ?? []).map(([, answer]) => answer) as [number, number | null];
    const rest = index === null ? Math.min(last ? last.at - 1 : length, length) : length - index;
    if (rest <= 0) return;
    const jobs = await redis.lrange(key, -rest, rest > PAGE ? PAGE - rest - 1 : -1);
    const places = jobs.map((job, behind) => ({ job, at: rest - behind }));
    yield places.filter(({ job }) => !seen.has(job));
    if (rest <= PAGE) return;
    for (const job of jobs) seen.add(job);
    last = places.at(-1) ?? last;
  }
}

/** The jobs of a sorted set, highest score first. */
export async function* walkSorted(redis: Redis, key: string, from?: JobPlace): AsyncGenerator<JobPlace[]> {
  let max: number | '+inf' = from?.at ?? '+inf';
  for (let passed = 0; ; ) {
    const answer: string[] = await redis.zrevrangebyscore(key, max, '-inf', 'WITHSCORES', 'LIMIT', passed, PAGE);
    const places = answer.flatMap((job, index) => (index % 2 === 0 ? [{ job, at: Number(answer[index + 1]) }] : []));
    const lowest = places.at(-1)?.at;
    if (lowest === undefined) return;
    yield places;
    passed = places.filter(({ at }) => at === lowest).length + (lowest === max ? passed : 0);
    max = lowest;
  }
}
