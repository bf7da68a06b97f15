import { openDriver, type ResultFormat, runToResult } from '../src/index.ts';

/** Writes rows to a file in a process of its own, and tells the most memory that this took, in MB. */
const [directory, rows, format] = process.argv.slice(2) as [string, string, ResultFormat | ''];
const query = `select range as id, 'name ' || range as name, (range * 1.5)::double as amount,
  timestamp '2024-01-01' + to_seconds(range) as at from range(${rows})`;
await using driver = await openDriver({ driver: 'duckdb', exportDirectory: directory, memoryLimitMb: 200, threads: 2 });
const result = await runToResult(
  driver,
  { query, parameters: [], maxRows: 1e9, timeoutMs: 600_000, signal: new AbortController().signal },
  { directory, name: 'many', format: format || undefined, maxInlineBytes: 256 * 1024, maxFileBytes: 1e11 },
);
// The unit of the system is the kilobyte.
process.send?.({ rows: result.file?.rows, peakMb: (process.resourceUsage().maxRSS * 1024) / 1e6 });
process.disconnect();
