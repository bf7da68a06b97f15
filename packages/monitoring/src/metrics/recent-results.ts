import { plainUserId, type TaskResult, taskOutcomeOf } from '@taskwire/protocol';
import type { ResultSummary } from '../status/installation-status.ts';

/** So many are shown; a busy process need not remember more between two heartbeats. */
export const SHOWN_RESULTS = 20;

const ERROR_LENGTH = 500;

/** The latest results that a process has published, without their content, which may be megabytes. */
export class RecentResults {
  #results: ResultSummary[] = [];
  #failures: ResultSummary[] = [];

  add(result: TaskResult): void {
    const summary = summaryOf(result);
    push(this.#results, summary);
    if (taskOutcomeOf(result) === 'failed') push(this.#failures, summary);
  }

  /** The results since the last call, oldest first. */
  take(): { results: ResultSummary[]; failures: ResultSummary[] } {
    const taken = { results: this.#results, failures: this.#failures };
    this.#results = [];
    this.#failures = [];
    return taken;
  }
}

function push(summaries: ResultSummary[], summary: ResultSummary): void {
  summaries.push(summary);
  if (summaries.length > SHOWN_RESULTS) summaries.shift();
}

function summaryOf(result: TaskResult): ResultSummary {
  const { task_id, task_type, status, timestamp, duration_ms, queued_ms, attempts } = result;
  // As text it keeps its digits in the browser, too.
  const user_id = plainUserId(result.user_id);
  const common = { task_id, task_type, user_id, status, timestamp, duration_ms, queued_ms, attempts };
  if (result.status === 'completed') return common;
  return { ...common, error: result.error.slice(0, ERROR_LENGTH), error_code: result.error_code };
}
