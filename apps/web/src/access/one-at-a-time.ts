/** At most so many wait for their turn; at 0.2 s each, later ones would wait too long anyway. */
const MAX_WAITING = 20;

/**
 * Runs one computation at a time: a flood of logins must not take all memory or all threads.
 *
 * @returns a function that gives the result of the computation, or `busy` when too many wait already.
 */
export function oneAtATime(): <T>(compute: () => Promise<T>) => Promise<T | 'busy'> {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  return async (compute) => {
    if (waiting > MAX_WAITING) return 'busy';
    waiting += 1;
    const computed = last.then(compute);
    last = computed.catch(() => undefined);
    try {
      return await computed;
    } finally {
      waiting -= 1;
    }
  };
}
