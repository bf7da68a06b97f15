const works = new Map<() => unknown, number>();
let seconds = 0;
let timer: NodeJS.Timeout | undefined;

/**
 * Calls back at full seconds, together with everything else of this process that does so: an idle process spends more on
 * waking up than on what it does then. It keeps no process running.
 *
 * @param interval in seconds
 * @returns what ends it
 */
export function everySecond(work: () => unknown, interval = 1): () => void {
  works.set(work, interval);
  timer ??= setInterval(() => {
    seconds += 1;
    for (const [each, interval] of works) if (seconds % interval === 0) each();
  }, 1000).unref();
  return () => {
    works.delete(work);
    if (works.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
