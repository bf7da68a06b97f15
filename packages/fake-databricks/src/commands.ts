import { engineCatalog } from './engine.ts';

/** A command of Databricks that has another form in the engine. */
export interface Command {
  /** What the engine is to run instead. */
  sql: string;
  /** Whether only the names and types of its columns are the result. */
  describes: boolean;
}

const NAME = '(`[^`]+`|[\\w$]+)';

/** A condition on a catalog's name in the engine: that it is the one of the session. */
const IS_OURS = "in (current_catalog(), current_catalog() || '$')";

const COMMANDS: readonly [RegExp, (...names: string[]) => Command][] = [
  [/^desc(?:ribe)?\s+query\s+([\s\S]+)/i, (query) => ({ sql: query, describes: true })],
  [
    /^desc(?:ribe)?\s+(?:table\s+)?(?:extended\s+)?([\w.`$]+)$/i,
    (table) => ({ sql: `from ${table}`, describes: true }),
  ],
  [new RegExp(`^use\\s+catalog\\s+${NAME}$`, 'i'), (catalog) => run(`use ${inEngine(catalog)}.\`default\``)],
  [new RegExp(`^use\\s+(?:schema\\s+|database\\s+)?${NAME}$`, 'i'), (schema) => run(`use ${inEngine(schema)}`)],
  [
    /^show\s+tables$/i,
    () =>
      run(
        'select table_schema as `database`, table_name as `tableName`, false as `isTemporary` ' +
          `from information_schema.tables where table_schema = current_schema() and table_catalog ${IS_OURS}`,
      ),
  ],
  [
    /^show\s+(?:schemas|databases)$/i,
    () =>
      run(
        `select schema_name as \`databaseName\` from information_schema.schemata where catalog_name ${IS_OURS} ` +
          "and schema_name not in ('main', 'information_schema', 'pg_catalog')",
      ),
  ],
];

/** The command in the statement, in Databricks' dialect; undefined if it is none. */
export function commandIn(statement: string): Command | undefined {
  const text = statement.replace(/^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)+|[;\s]+$/g, '');
  for (const [pattern, make] of COMMANDS) {
    const found = text.match(pattern);
    if (found) return make(...found.slice(1));
  }
  return undefined;
}

function run(sql: string): Command {
  return { sql, describes: false };
}

function inEngine(name: string): string {
  return `\`${engineCatalog(name.replaceAll('`', ''))}\``;
}
