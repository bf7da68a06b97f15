import type { Audit } from './task-control.ts';

const TOLD_EVERY_MS = 1000;

/** Tells who submitted tasks: once a second for each, as an entry for each request would cost more than its task. */
export class SubmitAudit implements Disposable {
  readonly #audit: Audit;
  readonly #submitted = new Map<string, { tasks: number; first: string; last: string }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(audit: Audit) {
    this.#audit = audit;
  }

  add(by: string, taskId: string): void {
    const { tasks = 0, first = taskId } = this.#submitted.get(by) ?? {};
    this.#submitted.set(by, { tasks: tasks + 1, first, last: taskId });
    this.#timer ??= setTimeout(() => this.#tell(), TOLD_EVERY_MS);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#tell();
  }

  #tell(): void {
    this.#timer = undefined;
    for (const [by, { tasks, first, last }] of this.#submitted) {
      const isOne = tasks === 1;
      const detail = isOne ? undefined : `${tasks} tasks, ${first} to ${last}`;
      this.#audit({ by, action: 'submit', task_id: isOne ? first : null, detail });
    }
    this.#submitted.clear();
  }
}
