import { setImmediate } from 'node:timers/promises';
import { type Bounds, whyOutside } from '../access/bounds.ts';
import { isAfter } from './entry-id.ts';
import { chunkOfNews, type NewsStream } from './news-stream.ts';
import type { News, TaskNews } from './task-news.ts';

/** Streams that may hear the same. */
interface Group {
  /** With the result that it has already, if those up to there may come once more. */
  streams: Map<NewsStream, string | undefined>;
  waiting: { chunk: Buffer; id: string | undefined }[];
}

/** So many streams at once; then others have their turn. */
const SLICE = 50;

/** The news of all tasks for many streams: bytes made once for all that may hear the same, dealt out in slices. */
export class NewsFeed {
  readonly #news: TaskNews;
  readonly #groups = new Map<Bounds | undefined, Group>();
  readonly #open = new Set<NewsStream>();
  #listening: Promise<() => void> | undefined;
  #dealing: Promise<void> | undefined;

  constructor(news: TaskNews) {
    this.#news = news;
  }

  /** Resolves when what comes from now on is heard, until the stream is closed. @throws Problem */
  async hearFor(stream: NewsStream): Promise<void> {
    this.#open.add(stream);
    stream.once('close', () => this.#close(stream));
    if (!this.#listening) {
      this.#listening = this.#news.listen({
        events: true,
        hear: (news) => this.#hear(news),
        dealt: () => this.#dealing,
      });
      this.#listening.catch(() => (this.#listening = undefined));
    }
    await this.#listening;
  }

  /** From now on a stream gets what its bounds let it hear. @param after the last result that it has. */
  join(stream: NewsStream, bounds: Bounds | undefined, after?: string): void {
    if (stream.destroyed) return;
    const group = this.#groups.get(bounds) ?? { streams: new Map(), waiting: [] };
    this.#groups.set(bounds, group);
    group.streams.set(stream, after);
    stream.once('close', () => {
      group.streams.delete(stream);
      if (group.streams.size === 0) this.#groups.delete(bounds);
    });
  }

  #close(stream: NewsStream): void {
    this.#open.delete(stream);
    if (this.#open.size > 0) return;
    const stopped = this.#listening?.then((stop) => stop());
    this.#listening = undefined;
    stopped?.catch(() => undefined);
  }

  #hear(news: News): void {
    const chunk = chunkOfNews(news);
    for (const [bounds, { waiting }] of this.#groups) {
      if (whyOutside(bounds, news) === undefined) waiting.push({ chunk, id: news.id });
    }
    this.#dealing ??= this.#deal();
  }

  async #deal(): Promise<void> {
    for (;;) {
      // What comes meanwhile goes out with it.
      await setImmediate();
      const groups = [...this.#groups.values()].filter(({ waiting }) => waiting.length > 0);
      if (groups.length === 0) break;
      for (const group of groups) await dealTo(group);
    }
    this.#dealing = undefined;
  }
}

async function dealTo({ streams, waiting }: Group): Promise<void> {
  const batch = waiting.splice(0);
  const all = Buffer.concat(batch.map(({ chunk }) => chunk));
  let sent = 0;
  for (const [stream, after] of [...streams]) {
    if (after === undefined) stream.send(all);
    else {
      const rest = batch.filter(({ id }) => id === undefined || isAfter(id, after));
      stream.send(Buffer.concat(rest.map(({ chunk }) => chunk)));
      if (rest.some(({ id }) => id !== undefined)) streams.set(stream, undefined);
    }
    sent += 1;
    if (sent % SLICE === 0) await setImmediate();
  }
}
