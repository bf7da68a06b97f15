import { styleText } from 'node:util';
import type { Config } from '@taskwire/config';
import { countInWords, durationInWords } from '@taskwire/monitoring';
import { isJsonObject, type JsonObject } from '@taskwire/protocol';
import type { DaemonStatus } from '../daemon/daemon-status.ts';
import { describeDaemon } from '../daemon/describe-daemon.ts';

/** `status.json` is written every second; an older one is out of date. */
const FRESH_MS = 5000;

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
  ];
}

function countsOf(inbox: JsonObject | null, now: number): string {
  const checkedAt = typeof inbox?.last_check === 'string' ? Date.parse(inbox.last_check) : Number.NaN;
  const queries = inbox?.queries;
  // Writer and reader share one clock.
  if (!isJsonObject(queries) || !(now - checkedAt < FRESH_MS)) return 'not updated for a while';
  return COUNTS.map((name) => {
    const count = queries[name];
    return `${typeof count === 'number' ? countInWords(count) : '?'} ${name}`;
  }).join(', ');
}
