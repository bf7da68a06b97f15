import { styleText } from 'node:util';
import type { Config } from '@taskwire/config';
import { countInWords, durationInWords } from '@taskwire/monitoring/status';
import { isJsonObject, type JsonObject } from '@taskwire/protocol';
import type { DaemonStatus } from '../daemon/daemon-status.ts';
import { describeDaemon } from '../daemon/describe-daemon.ts';
import { visible } from './terminal-text.ts';

/** `status.json` is written every second; an older one is out of date. */
const FRESH_MS = 5000;

const SHOWN = 5;

const COUNTS = ['pending', 'running', 'completed', 'failed', 'cancelled'] as const;

/** The daemon for people: whether it runs, and what is in its inbox. */
export function daemonLines({ daemon, inbox }: DaemonStatus, config: Config['inbox'], now: number): string[] {
  if (!daemon.running) {
    return [
      `taskwire is ${styleText('yellow', 'not running')} on ${config.directory}: \`taskwire start --detach\` starts it`,
    ];
  }
  const { started_at } = daemon;
  const since = started_at === null ? '' : `, ${durationInWords(Math.max(0, now - Date.parse(started_at)))}`;
  const counts = config.enabled ? `: ${countsOf(inbox, now)}` : ' is not served (inbox.enabled)';
  return [
    `taskwire is ${styleText('green', 'running')} (${describeDaemon(daemon)}${since})`,
    `inbox ${config.directory}${counts}`,
    ...(isFresh(inbox, now) ? openRuns(inbox) : []),
  ];
}

/** The latest runs that have no result yet, by their names. */
function openRuns(inbox: JsonObject | null): string[] {
  const tasks = Array.isArray(inbox?.tasks) ? inbox.tasks.filter(isJsonObject) : [];
  const open = tasks.filter(({ status }) => status === 'pending' || status === 'running');
  return open.slice(0, SHOWN).map(({ status, query_id }) => `  ${status} ${visible(String(query_id))}`);
}

/** Writer and reader share one clock. */
function isFresh(inbox: JsonObject | null, now: number): boolean {
  const checkedAt = typeof inbox?.last_check === 'string' ? Date.parse(inbox.last_check) : Number.NaN;
  return now - checkedAt < FRESH_MS;
}

function countsOf(inbox: JsonObject | null, now: number): string {
  const queries = inbox?.queries;
  if (!isJsonObject(queries) || !isFresh(inbox, now)) return 'not updated for a while';
  return COUNTS.map((name) => {
    const count = queries[name];
    return `${typeof count === 'number' ? countInWords(count) : '?'} ${name}`;
  }).join(', ');
}
