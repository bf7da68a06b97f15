import { notifiedKey } from '@taskwire/protocol';
import type { Logger } from '@taskwire/service';
import type { Redis } from 'ioredis';
import type { Progress } from './backlog.ts';
import type { Receiver } from './receiver.ts';
import type { Position } from './results-stream.ts';

export interface CursorOptions {
  /** For commands. */
  redis: Redis;
  keyPrefix: string;
  kind: Receiver['kind'];
  logger: Logger;
}

/** A receiver set up again after this is told of tasks that end from then on, not of all that ended meanwhile. */
const FORGOTTEN_AFTER_S = 7 * 24 * 60 * 60;
const RENEWED_AFTER_MS = 60 * 60 * 1000;

/** How far a receiver has been told, kept in Redis for the next start, or the next processor that leads. */
export class Cursor {
  readonly #options: CursorOptions;
  readonly #key: string;
  #wanted: string | undefined;
  #saved = '';
  #savedAt = 0;
  #saving: Promise<void> | undefined;

  constructor(options: CursorOptions) {
    this.#options = options;
    this.#key = notifiedKey(options.keyPrefix, options.kind);
  }

  /** Sets it if there is none. */
  async begin(position: Position): Promise<void> {
    await this.#options.redis.set(this.#key, textOf({ position, told: [] }), 'EX', FORGOTTEN_AFTER_S, 'NX');
  }

  async load(): Promise<Progress | undefined> {
    const [id, index, told = ''] = (await this.#options.redis.get(this.#key))?.split(' ') ?? [];
    return id === undefined ? undefined : { position: { id, index: Number(index) }, told: told.split(',') };
  }

  /**
   * Saves it soon. It may overwrite a later position of another processor: then some results are delivered again. It is
   * never past an undelivered result, so processors need no order.
   */
  save(progress: Progress): void {
    const text = textOf(progress);
    if (text === this.#saved && Date.now() - this.#savedAt < RENEWED_AFTER_MS) return;
    this.#wanted = text;
    this.#saving ??= this.#saveAll();
  }

  /** Resolves when all is saved, or could not be. */
  async settled(): Promise<void> {
    await this.#saving;
  }

  /** Positions that come during a save become one. */
  async #saveAll(): Promise<void> {
    const { redis, logger } = this.#options;
    try {
      while (this.#wanted !== undefined) {
        const text = this.#wanted;
        this.#wanted = undefined;
        await redis.set(this.#key, text, 'EX', FORGOTTEN_AFTER_S);
        this.#saved = text;
        this.#savedAt = Date.now();
      }
    } catch (error) {
      logger.warn({ err: error }, 'Redis did not store which results were delivered; some may be delivered again');
    } finally {
      this.#saving = undefined;
    }
  }
}

function textOf({ position: { id, index }, told }: Progress): string {
  return told.length === 0 ? `${id} ${index}` : `${id} ${index} ${told.join(',')}`;
}
