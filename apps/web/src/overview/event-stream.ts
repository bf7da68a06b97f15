import { Readable } from 'node:stream';

/** How long a client waits before it connects again. */
const RETRY_MS = 2000;

/**
 * Server-sent events for one client. A client that reads more slowly than events come gets only the newest one next: nothing
 * is buffered for it.
 */
export class EventStream extends Readable {
  #wanted = false;
  #newest: string | undefined;
  #ended = false;

  constructor() {
    super({ highWaterMark: 1 });
    this.push(`retry: ${RETRY_MS}\n\n`);
  }

  /** @param data may have several lines. */
  event(name: string, data: string): void {
    const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
    this.#newest = `event: ${name}\n${lines.join('')}\n`;
    if (this.#wanted) this.#give();
  }

  /** Says nothing, so that proxies in between see a connection in use. */
  keepAlive(): void {
    // A client that has not taken the last event yet needs no more.
    if (!this.#wanted) return;
    this.#newest = ':\n\n';
    this.#give();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.push(null);
  }

  override _read(): void {
    this.#wanted = true;
    if (this.#newest !== undefined) this.#give();
  }

  #give(): void {
    if (this.#ended) return;
    this.#wanted = false;
    this.push(this.#newest);
    this.#newest = undefined;
  }
}
