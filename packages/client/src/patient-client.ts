import { setTimeout as delay } from 'node:timers/promises';
import { newTaskId, type RequestInput, type TaskResult } from '@taskwire/protocol';
import type { TaskwireClient } from './client.ts';
import { NoProcessorError, NoReceiptError } from './errors.ts';

export interface PatientClientOptions {
  client: Pick<TaskwireClient, 'deliver' | 'wait' | 'result'>;
  /** How long to wait without an answer, in ms. Default: a minute, enough to replace Redis and processors. */
  patienceMs?: number;
  /** Between two requests, in ms. Default: 1 s. */
  retryIntervalMs?: number;
}

export interface PatientRunOptions {
  /** Ends the wait with the signal's reason; the task goes on. */
  signal?: AbortSignal;
  /** Called with a note for people when nobody answers, and with undefined when somebody answers again. */
  onSilence?: (note: string | undefined) => void;
}

/** A processor takes a request within milliseconds, or within seconds if it is just being replaced. */
const RECEIPT_TIMEOUT_MS = 15_000;

/** Codes of errors that say nothing about the task: it is durable, or may be sent again. */
const SILENCE: readonly unknown[] = ['redis_unavailable', 'no_processor', 'no_receipt', 'no_answer'];

/** Whether an error only says that nobody answered. */
export function isSilence(error: unknown): error is Error & { code: string } {
  return SILENCE.includes((error as { code?: unknown } | undefined)?.code);
}

/** Nobody answered for too long. */
export class GaveUpError extends Error {
  readonly code: string;
  /** Whether a processor may have taken the request. */
  readonly maybeTaken: boolean;

  constructor(message: string, { cause, maybeTaken }: { cause: Error & { code: string }; maybeTaken: boolean }) {
    super(message, { cause });
    this.name = 'GaveUpError';
    this.code = cause.code;
    this.maybeTaken = maybeTaken;
  }
}

/**
 * Gets requests run even if Redis or processors are away for a while. That is safe: a task runs once, however often its
 * request is sent. Until the first answer ever, it gives up at once.
 */
export class PatientClient {
  readonly #options: PatientClientOptions;
  #wasAnswered = false;

  constructor(options: PatientClientOptions) {
    this.#options = options;
  }

  /** Whether a processor has ever answered. */
  get wasAnswered(): boolean {
    return this.#wasAnswered;
  }

  /**
   * @returns the result, or `lost` if the task was accepted and Redis no longer knows it.
   * @throws GaveUpError, and what the client throws for another reason
   */
  async run(input: RequestInput, options: PatientRunOptions = {}): Promise<TaskResult | 'lost'> {
    const { client } = this.#options;
    const { signal, onSilence } = options;
    const { task_id: taskId = newTaskId() } = input;
    const request = { ...input, task_id: taskId };
    const receipt = await this.#ask(() => client.deliver(request, { timeoutMs: RECEIPT_TIMEOUT_MS }), options);
    this.#wasAnswered = true;
    if (receipt.status !== 'accepted') return receipt.result;
    for (;;) {
      try {
        return await client.wait(taskId, signal ? { signal } : {});
      } catch (error) {
        if (!isSilence(error)) throw error;
        onSilence?.(noteOf(error));
        const state = await this.#ask(() => client.result(taskId), { ...options, wasAccepted: true });
        if (state.status === 'unknown') return 'lost';
      }
    }
  }

  async #ask<T>(ask: () => Promise<T>, options: PatientRunOptions & { wasAccepted?: boolean }): Promise<T> {
    const { patienceMs = 60_000, retryIntervalMs = 1000 } = this.#options;
    const { signal, onSilence, wasAccepted = false } = options;
    const sinceMs = Date.now();
    for (let maybeTaken = wasAccepted; ; ) {
      try {
        const answer = await ask();
        onSilence?.(undefined);
        return answer;
      } catch (error) {
        if (!isSilence(error)) throw error;
        if (!this.#wasAnswered) {
          throw new GaveUpError(error.message, { cause: error, maybeTaken: error instanceof NoReceiptError });
        }
        maybeTaken ||= !(error instanceof NoProcessorError);
        const silentMs = Date.now() - sinceMs;
        if (silentMs >= patienceMs) {
          const [why] = error.message.split('\n');
          const sentence = `No answer for ${Math.round(silentMs / 1000)} s, so taskwire gave up: ${why}`;
          throw new GaveUpError(sentence, { cause: error, maybeTaken });
        }
        onSilence?.(noteOf(error));
        await delay(retryIntervalMs, undefined, signal && { signal });
      }
    }
  }
}

function noteOf({ code }: { code: string }): string {
  return code === 'redis_unavailable' ? 'Redis does not answer; asking again' : 'no processor answers; asking again';
}
