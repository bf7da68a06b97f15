const EVENTS = [
  'accepted',
  'started',
  'progress',
  'retrying',
  'finished',
  'result',
  'cancel_requested',
  'cancel_refused',
];

/** A task that tells its progress a hundred times a second is read this often. */
const LEAST_PAUSE_MS = 400;

/** Without events: behind a proxy that holds them back, or while the server is away. */
const POLL_MS = 2000;

/** With events, in case that one was lost. */
const CHECK_MS = 15_000;

/** Reads a task whenever something is said about it, until it is over. While nobody can see the page, nothing is asked. */
export function followTask({ events, read }: { events: string; read: () => Promise<'over' | 'goes on'> }) {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isReading = false;
  let isOver = false;
  let latest = 0;

  function readIn(ms: number) {
    clearTimeout(timer);
    timer = setTimeout(readNow, ms);
  }

  function soon() {
    readIn(Math.max(0, latest + LEAST_PAUSE_MS - Date.now()));
  }

  async function readNow() {
    clearTimeout(timer);
    if (isReading) return readIn(LEAST_PAUSE_MS);
    isReading = true;
    latest = Date.now();
    isOver = (await read()) === 'over';
    isReading = false;
    if (isOver) source?.close();
    else readIn(source?.readyState === EventSource.OPEN ? CHECK_MS : POLL_MS);
  }

  function start() {
    if (isOver || document.hidden) return;
    source?.close();
    source = new EventSource(events);
    for (const name of EVENTS) source.addEventListener(name, soon);
    void readNow();
  }

  document.addEventListener('visibilitychange', () => {
    clearTimeout(timer);
    source?.close();
    start();
  });
  start();
  return {
    /** After something was done to the task: it may go on. */
    again() {
      isOver = false;
      start();
    },
  };
}
