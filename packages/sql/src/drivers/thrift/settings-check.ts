import { didYouMean, type JsonValue } from '@taskwire/protocol';
import type { SqlRow } from '../../driver.ts';
import { SqlConnectionError } from '../../sql-error.ts';

/** Runs a statement in a session that nobody else uses. */
type Ask = (statement: string) => Promise<SqlRow[]>;

/** Of Hive: Spark does not list them, and says nothing of one that it does not know. */
const UNKNOWABLE = /^hive\./;
/** What Spark says of a setting without a value. */
const UNDEFINED = '<undefined>';

/**
 * Checks that a session has the settings that it was opened with: Spark keeps a name that it does not know without a word,
 * and other servers may ignore them all.
 *
 * @throws {SqlConnectionError} `misconfigured`, with the name
 */
export async function expectSettings(settings: Readonly<Record<string, string>>, ask: Ask): Promise<void> {
  const known = new Map((await ask('SET -v')).map(([name, value]) => [String(name), value]));
  for (const [name, value] of Object.entries(settings)) {
    if (UNKNOWABLE.test(name)) continue;
    if (known.has(name)) expectSame(name, value, known.get(name));
    else if (!(await isInternal(name, ask))) {
      throw misconfigured(`Spark has no setting ${name}${didYouMean(name, [...known.keys()])}`);
    }
  }
}

/** Settings that Spark does not list have a value also when they were not set. */
async function isInternal(name: string, ask: Ask): Promise<boolean> {
  if (!/^[\w.-]+$/.test(name)) return false;
  await ask(`RESET ${name}`);
  const [[, value] = []] = await ask(`SET ${name}`);
  return value !== UNDEFINED;
}

function expectSame(name: string, asked: string, found: JsonValue | undefined): void {
  if (String(found).toLowerCase() === asked.toLowerCase()) return;
  throw misconfigured(`The server did not take over the setting ${name}: it has ${found}, not ${asked}`);
}

function misconfigured(message: string): SqlConnectionError {
  return new SqlConnectionError({ fault: 'misconfigured', message });
}
