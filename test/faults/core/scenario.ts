import { setTimeout as delay } from 'node:timers/promises';
import { Installation, type InstallationOptions } from './installation.ts';
import { type Entry, hasResult, WAYS, type Way } from './ledger.ts';

/** What may come of a fault. */
export interface Limits {
  /** For how long after each fault messages may be lost, by way, in ms. Default: never. */
  lossMs?: Partial<Record<Way, number>>;
  doubleResults?: number;
  /** Whether Redis itself may lose what it has confirmed, and with it accepted tasks. */
  redisForgets?: boolean;
  /** How many tasks may end in an error. */
  errors?: number;
  /** How long after it is usable again the next result may come. Default: 2 s, as promised. */
  recoveryMs?: number;
}

export interface Scenario {
  name: string;
  /** Whether it is part of the short form. */
  quick?: boolean;
  /** Whether it is run only on request. */
  soak?: boolean;
  installation?: InstallationOptions;
  limits?: Limits;
  /** Makes the faults, while tasks are flowing. May return a list of what else fell short. */
  run: (installation: Installation) => Promise<unknown>;
}

/** What was counted. */
export interface Row {
  name: string;
  published: number;
  accepted: number;
  results: number;
  errors: ReadonlyMap<string, number>;
  lost: Record<Way, number>;
  doubleResults: number;
  doubleRuns: number;
  recoveryMs: number | undefined;
  longestMs: number;
  /** Which limits it broke. */
  broken: readonly string[];
  /** How often processes ended by themselves. */
  crashes: number;
}

const DEFAULT_RECOVERY_MS = 2000;

export async function runScenario(scenario: Scenario, ways: readonly Way[] = WAYS): Promise<Row> {
  await using installation = await Installation.start({ ways, ...scenario.installation });
  const fellShort = await scenario.run(installation);
  await delay(2000);
  await installation.drain();
  return rowOf(scenario, installation, Array.isArray(fellShort) ? fellShort : []);
}

function rowOf({ name, limits = {} }: Scenario, installation: Installation, fellShort: readonly string[]): Row {
  const entries = [...installation.ledger.entries.values()];
  const published = entries.filter(({ sent }) => sent === 'published');
  const missing = installation.ledger.missing();
  const lost = Object.fromEntries(
    WAYS.map((way) => [way, count(missing, (entry) => entry.way === way)]),
  ) as Row['lost'];
  const errors = new Map<string, number>();
  for (const { error } of entries) if (error) errors.set(error, (errors.get(error) ?? 0) + 1);
  const row = {
    name,
    published: published.length,
    accepted: count(published, (entry) => entry.accepted || hasResult(entry)),
    results: count(published, hasResult),
    errors,
    lost,
    doubleResults: count(entries, ({ heard, stored }) => heard > 1 || stored > 1),
    doubleRuns: installation.ledger.doubleRuns(),
    recoveryMs: installation.recoveryMs(),
    crashes: installation.members.reduce((sum, { crashes }) => sum + crashes, 0),
    longestMs: published.reduce((longest, { sentAt, endedAt = sentAt }) => Math.max(longest, endedAt - sentAt), 0),
  };
  return { ...row, broken: [...brokenLimits(row, limits, installation, missing), ...fellShort] };
}

function brokenLimits(
  row: Omit<Row, 'broken'>,
  { lossMs = {}, doubleResults = 0, redisForgets = false, errors = 0, recoveryMs = DEFAULT_RECOVERY_MS }: Limits,
  { faults, traffic }: Installation,
  missing: readonly Entry[],
): string[] {
  const broken: string[] = [];
  for (const way of WAYS) {
    const allowed = Math.ceil((((lossMs[way] ?? 0) * faults) / 1000) * (traffic.perSecond / WAYS.length));
    if (row.lost[way] > allowed) broken.push(`lost ${row.lost[way]} by ${way}, allowed ${allowed}`);
  }
  const accepted = count(missing, (entry) => entry.accepted);
  if (accepted > 0 && !redisForgets) broken.push(`${accepted} accepted tasks without a result`);
  if (row.doubleResults > doubleResults) broken.push(`${row.doubleResults} double results`);
  const failed = [...row.errors.values()].reduce((sum, each) => sum + each, 0);
  const named = [...row.errors].map(([code, times]) => `${times} ${code}`).join(', ');
  if (failed > errors) broken.push(`errors: ${named}`);
  if ((row.recoveryMs ?? 0) > recoveryMs) broken.push(`recovery took ${row.recoveryMs} ms`);
  return broken;
}

function count<T>(list: readonly T[], matches: (each: T) => boolean): number {
  return list.filter(matches).length;
}
