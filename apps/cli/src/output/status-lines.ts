import { styleText } from 'node:util';
import type { InstallationStatus, QueueStatus, ResultSummary, ServiceStatus } from '@taskwire/monitoring';
import { countInWords, durationInWords } from '@taskwire/monitoring/status';
import { visible } from './terminal-text.ts';
import { cut, padded, widthOf } from './text-width.ts';

const FAILURES = 5;
const ERROR_WIDTH = 90;

/** An installation's status for people: problems, services, queues, the latest failures. */
export function statusLines(status: InstallationStatus): string[] {
  const { at, redis, findings, services, queues, latest_failures } = withoutControls(status);
  const bytes = redis.used_memory_bytes;
  const memory = bytes === null ? 'memory unknown' : `${countInWords(Math.round(bytes / 1024 ** 2))} MB`;
  const where = `${redis.address} (${redis.version}, ${memory})`;
  const isWell = findings.every(({ level }) => level === 'note');
  const header = [...(isWell ? [styleText('green', '● All is well')] : []), ...findings.map(findingLine)];
  return [
    ...header,
    styleText('dim', `${where}, ${at.slice(0, 19).replace('T', ' ')} UTC`),
    '',
    ...alignedLines([
      ['SERVICE', 'INSTANCE', 'STATE', 'LAG', 'RUNNING', 'QUEUES', 'UP', 'HOST'],
      ...services.map((service) => serviceRow(service, at)),
    ]),
    '',
    ...alignedLines([
      [
        'QUEUE',
        'WAITING',
        'ACTIVE',
        'DELAYED',
        'OLDEST',
        'LAST HOUR',
        'FAILED',
        'CANCELLED',
        'P95',
        'PER MINUTE, LAST HOUR',
      ],
      ...queues.map(queueRow),
    ]),
    ...failureLines(latest_failures.slice(0, FAILURES), at),
  ];
}

/** Text from tasks and processes must not steer the terminal. */
function withoutControls(status: InstallationStatus): InstallationStatus {
  const json = JSON.stringify(status, (_, value: unknown) =>
    typeof value === 'string' ? visible(value.replaceAll(/\s+/g, ' ')) : value,
  );
  return JSON.parse(json);
}

const FINDINGS = { bad: ['red', '✘'], warn: ['yellow', '!'], note: ['cyan', 'i'] } as const;

function findingLine({ level, title, detail }: InstallationStatus['findings'][number]): string {
  const [colour, sign] = FINDINGS[level];
  return `${styleText(colour, `${sign} ${title}.`)} ${detail}`;
}

const STATE_COLOURS = { starting: 'cyan', consuming: 'green', deaf: 'red', silent: 'yellow' } as const;

function serviceRow(service: ServiceStatus, at: string): string[] {
  const { state, lag_ms, running, concurrency, started_at } = service;
  return [
    service.leader ? `${service.service} (leads)` : service.service,
    service.instance,
    styleText(STATE_COLOURS[state], state),
    lag_ms === null ? '' : durationInWords(lag_ms),
    running === null ? '' : `${running} of ${concurrency}`,
    service.queues.join(', '),
    durationInWords(Date.parse(at) - Date.parse(started_at)),
    service.host,
  ];
}

function queueRow({ name, paused, waiting, active, delayed, oldest_waiting_ms, history }: QueueStatus): string[] {
  const sum = (of: 'completed' | 'failed' | 'cancelled') => history.reduce((total, minute) => total + minute[of], 0);
  const p95 = history.findLast(({ p95_ms }) => p95_ms !== null)?.p95_ms;
  const failed = sum('failed');
  return [
    paused ? `${name} ${styleText('yellow', '(paused)')}` : name,
    countInWords(waiting),
    countInWords(active),
    countInWords(delayed),
    oldest_waiting_ms === null ? '' : durationInWords(oldest_waiting_ms),
    countInWords(sum('completed')),
    failed === 0 ? '0' : styleText('red', countInWords(failed)),
    countInWords(sum('cancelled')),
    p95 === null || p95 === undefined ? '' : durationInWords(p95),
    sparkline(history.map(({ completed, failed, cancelled }) => completed + failed + cancelled)),
  ];
}

const BARS = ' ▁▂▃▄▅▆▇█';

/** One character per two minutes. */
function sparkline(minutes: readonly number[]): string {
  const pairs = minutes.flatMap((count, index) => (index % 2 === 0 ? [count + (minutes[index + 1] ?? 0)] : []));
  const most = Math.max(...pairs, 1);
  return pairs.map((count) => BARS[Math.ceil((count / most) * (BARS.length - 1))]).join('');
}

function failureLines(failures: readonly ResultSummary[], at: string): string[] {
  if (failures.length === 0) return [];
  const rows = failures.map(({ timestamp, task_type, task_id, error_code, error = '' }) => [
    `${durationInWords(Math.max(0, Date.parse(at) - Date.parse(timestamp)))} ago`,
    task_type ?? '(none)',
    task_id ?? '(none)',
    `${styleText('red', error_code ?? '')} ${cut(error, ERROR_WIDTH)}`,
  ]);
  return ['', ...alignedLines([['LATEST FAILURES', 'TASK TYPE', 'TASK ID', 'ERROR'], ...rows])];
}

/** Rows of cells as lines with aligned columns; the first row is the heading. Cells may be coloured. */
export function alignedLines(rows: readonly (readonly string[])[]): string[] {
  const [heading = []] = rows;
  const widths = heading.map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ''))));
  return rows.map((row, index) => {
    const line = row.map((cell, column) => padded(cell, widths[column] ?? 0)).join('  ');
    return index === 0 ? styleText('dim', line.trimEnd()) : line.trimEnd();
  });
}
