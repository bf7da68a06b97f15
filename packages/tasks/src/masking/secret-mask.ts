import { inspect } from 'node:util';
import { isJsonObject } from '@taskwire/protocol';
import type { Failure } from '../running/failure.ts';
import { messageOf } from '../running/failure-of.ts';
import { MASKED } from './marks.ts';

/** A shorter secret is not looked for in texts: it would be found in many words. */
const MIN_LENGTH = 4;

/** What is nested deeper is masked as a whole. */
const MAX_DEPTH = 100;
const MAX_CAUSES = 5;

/** Masks some secrets wherever they are repeated. */
export class SecretMask {
  readonly #forms: readonly string[];
  readonly #pattern: RegExp;

  /** @param secrets JSON: each text and number in it is one. */
  constructor(secrets: readonly unknown[]) {
    const forms = new Set(secrets.flatMap(textsIn).flatMap(formsOf));
    this.#forms = [...forms].filter(({ length }) => length >= MIN_LENGTH).sort((a, b) => b.length - a.length);
    const escaped = this.#forms.map((form) => form.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
    this.#pattern = new RegExp(escaped.join('|') || '(?!)', 'g');
  }

  text(text: string): string {
    const shown = text.replace(this.#pattern, MASKED);
    return shown.endsWith('…') ? this.#withoutBeginning(shown.slice(0, -1)) : shown;
  }

  /** Of JSON. */
  in(value: unknown, depth = 0): unknown {
    if (typeof value === 'string') return this.text(value);
    if (typeof value === 'number') return this.text(String(value)) === String(value) ? value : MASKED;
    if (depth === MAX_DEPTH) return MASKED;
    if (Array.isArray(value)) return value.map((item) => this.in(item, depth + 1));
    if (!isJsonObject(value)) return value;
    const fields = Object.entries(value).map(([name, field]) => [this.text(name), this.in(field, depth + 1)]);
    return Object.fromEntries(fields);
  }

  /** Anything that was thrown, for a log. Never throws. */
  thrown(thrown: unknown, depth = 0): unknown {
    if (!(thrown instanceof Error) || depth === MAX_CAUSES) return this.text(messageOf(thrown));
    try {
      const { name, message, stack = '', cause } = thrown;
      const shown = new Error(this.text(message), cause === undefined ? {} : { cause: this.thrown(cause, depth + 1) });
      return Object.assign(shown, { name, stack: this.text(stack) });
    } catch {
      return this.text(messageOf(thrown));
    }
  }

  failure({ error, details, cause, ...failure }: Failure): Failure {
    return {
      ...failure,
      error: this.text(error),
      ...(details && { details: details.map((detail) => ({ ...detail, message: this.text(detail.message) })) }),
      ...(cause !== undefined && { cause: this.thrown(cause) }),
    };
  }

  /** A text that was cut may end within a secret. */
  #withoutBeginning(text: string): string {
    for (const form of this.#forms) {
      for (let length = Math.min(form.length - 1, text.length); length >= MIN_LENGTH; length -= 1) {
        if (text.endsWith(form.slice(0, length))) return `${text.slice(0, -length)}${MASKED}…`;
      }
    }
    return `${text}…`;
  }
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string' || typeof value === 'number') return [String(value).trim()];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** As it may be repeated: in JSON, by `console.log`, in a URL, line by line. */
function formsOf(secret: string): string[] {
  const lines = secret.includes('\n') ? secret.split(/\r?\n/).map((line) => line.trim()) : [];
  const quoted = [JSON.stringify(secret), inspect(secret, { breakLength: Infinity, maxStringLength: Infinity })].map(
    (text) => text.slice(1, -1),
  );
  return [secret, ...quoted, encodeURIComponent(secret.toWellFormed()), ...lines];
}
