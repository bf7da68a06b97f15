import type { ParameterValue } from '../../text/parameters.ts';
import type { Dialect, SessionOptions } from './dialect.ts';
import { TProtocolVersion } from './protocol.ts';

const INT32 = 2 ** 31;

const SUBSTITUTE = 'spark.sql.variable.substitute';

/** Of each session. Settings of the connection win, where the schema of the configuration lets them. */
const OWN_SETTINGS: Readonly<Record<string, string>> = {
  // Instants come as texts in the session's zone.
  'spark.sql.session.timeZone': 'UTC',
  // An overflow or a cast that fails is an error, and no NULL.
  'spark.sql.ansi.enabled': 'true',
  // Otherwise `${env:HOME}` in a statement becomes what the server's environment has.
  [SUBSTITUTE]: 'false',
};

/** Otherwise `from text.`/etc/passwd`` reads the files of the server. */
const READING_SETTINGS: Readonly<Record<string, string>> = { 'spark.sql.runSQLOnFiles': 'false' };

function settingsOf({ settings, readOnly }: SessionOptions): Readonly<Record<string, string>> {
  return { ...OWN_SETTINGS, ...(readOnly && READING_SETTINGS), ...settings };
}

/** Otherwise 4.1 writes values into the text, and the places of errors are those of that text. Older ones do not know it. */
const VALUES_APART = { 'spark.sql.legacy.parameterSubstitution.constantsOnly': 'true' };

/** Spark's own Thrift server, in HTTP mode. */
export const SPARK: Dialect = {
  engine: 'spark',
  title: 'Spark',
  // It cancels the jobs of a statement that run now. One that begins later, after planning, is a job of nobody.
  cancelling: { takesMs: 2000, lingersMs: 30_000 },
  fetchesByOffset: false,
  incrementalSetting: 'spark.sql.thriftServer.incrementalCollect',
  settings: settingsOf,
  aboutQuery: "select current_user(), current_catalog(), current_schema(), split(version(), ' ')[0]",
  oldestVersion: TProtocolVersion.HIVE_CLI_SERVICE_PROTOCOL_V6,
  substitutes: ({ settings }) => (settings?.[SUBSTITUTE] ?? 'false') !== 'false',

  // So that it need not gather them all. The line end closes a comment.
  limited: (text, rows) => ({ text: `(${text}\n) limit ${rows}`, shift: 1 }),

  openRequest(options) {
    const namespace = [options.catalog, options.schema].filter((name) => name !== undefined).map(quoted);
    const set = Object.entries({ ...VALUES_APART, ...settingsOf(options) });
    return {
      client_protocol: TProtocolVersion.HIVE_CLI_SERVICE_PROTOCOL_V10,
      configuration: {
        ...Object.fromEntries(set.map(([name, value]) => [`set:hiveconf:${name}`, value])),
        ...(namespace.length > 0 && { 'use:database': namespace.join('.') }),
      },
    };
  },

  /** The protocol has no parameters, but the language has. Texts go in hexadecimal digits: no way of escaping matters. */
  bind({ values, ...text }, name) {
    const given = values.map(({ index, value }) => `${literal(value)} as ${name(index)}`).join(', ');
    const asSent = (query: string) => (given === '' ? query : `execute immediate ${hexText(query)} using ${given}`);
    return { ...text, asSent, parameters: [] };
  },
};

/** Each part of a name in back-ticks, as an author may have written it already. */
function quoted(name: string): string {
  const parts = name.match(/`(?:[^`]|``)*`|[^.]+/g) ?? [];
  return parts.map((part) => (/^`.*`$/s.test(part) ? part : `\`${part.replaceAll('`', '``')}\``)).join('.');
}

function literal(value: ParameterValue): string {
  if (typeof value === 'string') return hexText(value);
  if (typeof value !== 'number') return String(value);
  if (!Number.isInteger(value)) return `${value}D`;
  return value >= -INT32 && value < INT32 ? String(value) : `${value}L`;
}

function hexText(text: string): string {
  return `cast(X'${Buffer.from(text).toString('hex')}' as string)`;
}
