/** @import { InstallationStatus } from '@taskwire/monitoring' */

/**
 * @typedef {object} LiveOptions
 * @property {(status: InstallationStatus) => void} onStatus
 * @property {(sentence: string) => void} onTrouble
 * @property {() => void} onReturn the server answers again after it did not
 */

/** Proxies and restarts cut a stream now and then: nothing to report. */
const PATIENCE_MS = 4000;

/** Pictures, or troubles of the server, come every few seconds; a silent server is not there. */
const SILENCE_MS = 12_000;

const RETRY_MS = 3000;

/**
 * Keeps the page current while somebody can see it: a page in the background costs the server nothing.
 *
 * @param {LiveOptions} options
 */
export function followStatus({ onStatus, onTrouble, onReturn }) {
  /** @type {EventSource | undefined} */
  let source;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let alarm;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let retry;
  let isInDoubt = false;
  let isAway = false;

  /** @param {number} ms */
  function expectNews(ms) {
    clearTimeout(alarm);
    alarm = setTimeout(away, ms, 'The dashboard is out of reach.');
  }

  /** @param {string} sentence */
  function away(sentence) {
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
