import querystring from 'node:querystring';
import manifest from '../package.json' with { type: 'json' };
import type { Outcome, Receiver } from './receiver.ts';
import type { TaskEnd } from './task-end.ts';
import { createSign, type Sign } from './webhook-signature.ts';

export interface WebhookReceiverOptions {
  /** Its user and password are sent as basic authorization. */
  url: string;
  /** Without one nothing is signed. */
  secret?: string | undefined;
  timeoutMs: number;
}

const GONE = 410;
/** Too Many Requests, Service Unavailable: they may say when to come back. */
const COME_BACK = [429, 503];
const MAX_RETRY_AFTER_MS = 60_000;

/** Sends the result of each task that ended to a URL. An answer 2xx means that it was told. */
export class WebhookReceiver implements Receiver {
  readonly kind = 'webhook';
  readonly shown: string;
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #sign: Sign | undefined;
  readonly #timeoutMs: number;

  /** @throws ConfigError when the secret cannot be used. */
  constructor({ url, secret, timeoutMs }: WebhookReceiverOptions) {
    const target = new URL(url);
    // The path of a webhook is often its password.
    this.shown = target.origin;
    const { username, password } = target;
    const login = `${querystring.unescape(username)}:${querystring.unescape(password)}`;
    // fetch takes no URL that holds a password.
    target.username = '';
    target.password = '';
    this.#url = target.href;
    this.#headers = {
      'content-type': 'application/json',
      'user-agent': `taskwire/${manifest.version}`,
      ...(login !== ':' && { authorization: `Basic ${Buffer.from(login).toString('base64')}` }),
    };
    this.#sign = secret === undefined ? undefined : createSign(secret);
    this.#timeoutMs = timeoutMs;
  }

  async tell({ id, message }: TaskEnd, signal: AbortSignal): Promise<Outcome> {
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    // When it was sent, not when the task ended: against replays, receivers refuse what is old.
    const timestamp = Math.floor(Date.now() / 1000);
    const signature = this.#sign?.({ id, timestamp, body: message });
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: {
          ...this.#headers,
          'webhook-id': id,
          'webhook-timestamp': String(timestamp),
          ...(signature && { 'webhook-signature': signature }),
        },
        body: message,
        redirect: 'manual',
        signal: AbortSignal.any([timeout, signal]),
      });
      await response.body?.cancel();
      return outcomeOf(response);
    } catch (error) {
      if (timeout.aborted) return { status: 'failed', why: `it did not answer within ${this.#timeoutMs} ms` };
      if (signal.aborted) return { status: 'failed', why: 'it had not answered when the processor stopped' };
      return { status: 'failed', why: `it cannot be reached: ${reasonOf(error as Error)}` };
    }
  }
}

function outcomeOf({ ok, status, headers }: Response): Outcome {
  if (ok) return { status: 'told' };
  const why = `it answered ${status}`;
  if (status === GONE) return { status: 'refused', why: `${why}: it wants nothing more (notify.webhook)` };
  if (status >= 300 && status < 400) {
    return { status: 'failed', why: `${why}: redirects are not followed; set notify.webhook to where it leads` };
  }
  const retryAfterMs = COME_BACK.includes(status) ? retryAfterMsOf(headers.get('retry-after')) : undefined;
  return { status: 'failed', why, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** @param header seconds, or a date: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function retryAfterMsOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}

/** fetch says only that it failed; the reason is in the cause. */
function reasonOf({ message, cause }: Error): string {
  const { code, message: reason } = (cause ?? {}) as Partial<NodeJS.ErrnoException>;
  return reason || code || message;
}
