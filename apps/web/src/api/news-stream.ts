import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { News } from './task-news.ts';

/** How long a client waits before it connects again. */
const RETRY_MS = 2000;

/**
 * A client that has not taken so much yet is too slow, and loses its connection: it finds the results again by their ids. All
 * clients hold the same bytes.
 */
const MAX_HELD_BYTES = 8 * 1024 * 1024;

const TAKEN_WITHIN_MS = 30_000;

const KEEP_ALIVE = Buffer.from(':\n\n');

/** Server-sent events for one client, none of which is left out while it is connected. */
export class NewsStream extends Readable {
  #resume: (() => void) | undefined;
  #isEnding = false;

  constructor() {
    super({ read: () => this.#resume?.() });
    this.once('close', () => this.#resume?.());
    this.push(`retry: ${RETRY_MS}\n\n`);
  }

  send(chunk: Buffer): void {
    if (this.destroyed || this.#isEnding) return;
    if (this.readableLength > MAX_HELD_BYTES) this.destroy();
    else this.push(chunk);
  }

  keepAlive(): void {
    if (this.readableLength === 0) this.send(KEEP_ALIVE);
  }

  /** Resolves when the client has taken what it was sent, or is gone; one that takes nothing for so long is cut off. */
  async taken(): Promise<void> {
    if (this.readableLength === 0 || this.destroyed) return;
    const timer = setTimeout(() => this.destroy(), TAKEN_WITHIN_MS);
    await new Promise<void>((resolve) => (this.#resume = resolve));
    clearTimeout(timer);
  }

  /** @param last taken however large it is: nothing comes after it. */
  end(last?: Buffer): void {
    if (this.destroyed || this.#isEnding) return;
    this.#isEnding = true;
    if (last) this.push(last);
    this.push(null);
  }
}

/** Answers with a stream. */
export function sendStream(reply: FastifyReply, stream: NewsStream): FastifyReply {
  return (
    reply
      // Proxies would hold events back to compress or to buffer them.
      .header('cache-control', 'no-store, no-transform')
      .header('x-accel-buffering', 'no')
      .type('text/event-stream; charset=utf-8')
      .send(stream)
  );
}

/** @param data one line. */
export function chunkOf(name: string, data: string, id?: string): Buffer {
  return Buffer.from(`${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${data}\n\n`);
}

/** Made once for all clients that get it. */
const chunks = new WeakMap<News, Buffer>();

/** News as they are sent: events by their own name, results with the id of their entry. */
export function chunkOfNews(news: News): Buffer {
  const known = chunks.get(news);
  if (known) return known;
  const chunk = chunkOf(news.name, news.message, news.id);
  chunks.set(news, chunk);
  return chunk;
}
