import type { InstallationStatus } from '@taskwire/monitoring';

interface LiveOptions {
  onStatus: (status: InstallationStatus) => void;
  onTrouble: (sentence: string) => void;
  /** The server answers again after it did not. */
  onReturn: () => void;
}

/** Proxies and restarts cut a stream now and then: nothing to report. */
const PATIENCE_MS = 4000;

/** Pictures, or troubles of the server, come every few seconds; a silent server is not there. */
const SILENCE_MS = 12_000;

const RETRY_MS = 3000;

/** Keeps the page current while somebody can see it: a page in the background costs the server nothing. */
export function followStatus({ onStatus, onTrouble, onReturn }: LiveOptions) {
  let source: EventSource | undefined;
  let alarm: ReturnType<typeof setTimeout> | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let isInDoubt = false;
  let isAway = false;

  function expectNews(ms: number) {
    clearTimeout(alarm);
    alarm = setTimeout(away, ms, 'The dashboard is out of reach.');
  }

  function away(sentence: string) {
    clearTimeout(alarm);
    isAway = true;
    onTrouble(sentence);
  }

  function heard() {
    expectNews(SILENCE_MS);
    if (isAway) onReturn();
    isInDoubt = false;
    isAway = false;
  }

  function doubt() {
    // Only once: every further attempt to connect fails as well.
    if (!isInDoubt) expectNews(PATIENCE_MS);
    isInDoubt = true;
  }

  function connect() {
    source?.close();
    const opened = new EventSource('/api/live');
    source = opened;
    opened.addEventListener('status', ({ data }) => {
      heard();
      onStatus(JSON.parse(data));
    });
    opened.addEventListener('trouble', ({ data }) => {
      heard();
      onTrouble(data);
    });
    opened.addEventListener('error', () => {
      doubt();
      // The browser reconnects by itself, unless the answer was not a stream.
      if (opened.readyState === EventSource.CLOSED) void askWhy();
    });
  }

  async function askWhy() {
    const answer = await fetch('/api/me').catch(() => undefined);
    // The session has ended: the server knows where to log in.
    if (answer?.status === 401) return location.reload();
    if (answer && !answer.ok) {
      const { error } = await answer.json().catch(() => ({}));
      away(error ?? `The dashboard answers with the status ${answer.status}.`);
    }
    if (!document.hidden) retry = setTimeout(connect, RETRY_MS);
  }

  function start() {
    isInDoubt = false;
    expectNews(SILENCE_MS);
    connect();
  }

  function stop() {
    clearTimeout(alarm);
    clearTimeout(retry);
    source?.close();
  }

  document.addEventListener('visibilitychange', () => (document.hidden ? stop() : start()));
  if (!document.hidden) start();
}
