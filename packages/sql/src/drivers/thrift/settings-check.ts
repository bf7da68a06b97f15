import { didYouMean, type JsonValue } from '@taskwire/protocol';
import type { SqlRow } from '../../driver.ts';
import { SqlConnectionError } from '../../sql-error.ts';

/** Runs a statement in a session that nobody else uses. */
type Ask = (statement: string) => Promise<SqlRow[]>;

/** Spark knows the names of its own alone: not those of Hive, file systems, catalogs and the like. */
const KNOWABLE = /^spark\.sql\.(?!catalog\.)/;
/** What can be said in RESET and SET. */
const NAME = /^\w+(?:[.-]\w+)*$/;
/** A value that would be replaced, or end a line. */
const ODD_VALUE = /\$\{|\p{Cc}/u;
/** What Spark says of a setting without a value. */
const UNDEFINED = '<undefined>';

/**
 * Checks that a session has the settings that it was opened with: Spark keeps a name that it does not know without a word,
 * and other servers may ignore them all.
 *
 * @throws {SqlConnectionError} `misconfigured`, with the name
 */
export async function expectSettings(settings: Readonly<Record<string, string>>, ask: Ask): Promise<void> {
  for (const [name, value] of Object.entries(settings)) {
    if (!NAME.test(name)) throw misconfigured(`The setting ${JSON.stringify(name)} is no name of a setting`);
    if (ODD_VALUE.test(value)) throw misconfigured(`The setting ${name} must not have line ends or "\${" in its value`);
  }
  const known = new Map((await ask('SET -v')).map(([name, value]) => [String(name), value]));
  for (const [name, value] of Object.entries(settings)) {
    if (!KNOWABLE.test(name)) continue;
    if (known.has(name)) expectSame(name, value, known.get(name));
    else if (!(await isInternal(name, ask))) {
      throw misconfigured(`Spark has no setting ${name}${didYouMean(name, [...known.keys()])}`);
    }
  }
}

/** Settings that Spark does not list have a value also when they were not set. */
async function isInternal(name: string, ask: Ask): Promise<boolean> {
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
