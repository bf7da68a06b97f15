import type { IncomingHttpHeaders } from 'node:http';
import type { HttpAnswer } from './http-exchange.ts';

/** An answer of the server, or of something in front of it, that is not 200. */
export class HttpFault extends Error {
  readonly status: number;
  /** Where a redirect leads to, without what may be a secret. */
  readonly location: string | undefined;
  /** What the server says about it, in one line; empty when it says nothing. */
  readonly serverMessage: string;
  /** How long it asks us to wait, if it does. */
  readonly retryAfterMs: number | undefined;

  constructor({ status, headers, body }: HttpAnswer) {
    const serverMessage = messageIn(headers, body.toString());
    super(`HTTP ${status}${serverMessage && `: ${serverMessage}`}`);
    this.status = status;
    const { location = '' } = headers;
    this.location = URL.canParse(location) ? location.replace(/[?#].*/, '').replace(/\/\/.*@/, '//') : undefined;
    this.serverMessage = serverMessage;
    this.retryAfterMs = retryAfterMs(headers['retry-after'], Date.now());
  }
}

/** Where Databricks' gateways put their reasons, as their own drivers read them. */
const MESSAGE_HEADERS = [
  'x-thriftserver-error-message',
  'x-databricks-error-or-redirect-message',
  'x-databricks-reason-phrase',
];
const MAX_LENGTH = 300;

function messageIn(headers: IncomingHttpHeaders, body: string): string {
  const found = MESSAGE_HEADERS.map((name) => headers[name]?.toString()).find((text) => text) ?? reasonIn(body);
  return found.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_LENGTH);
}

/** Of JSON its `message`, of a page its title. */
function reasonIn(body: string): string {
  const found = /"message"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(body) ?? /<title>([^<]*)/i.exec(body);
  return found?.[1] ?? (/^\s*[<{]/.test(body) ? '' : body);
}

/** `Retry-After` is in seconds, or a date. */
function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (!header) return undefined;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1000;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
