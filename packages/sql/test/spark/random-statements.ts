/** Texts for Spark: statements that read, that change something, and what lies between, in every disguise. */
export function randomStatements(seed: number): () => string {
  const random = randomFrom(seed);
  const below = (count: number) => Math.floor(random() * count);
  const one = <T>(choices: readonly T[]): T => choices[below(choices.length)] as T;
  const maybe = (text: string, share = 0.3) => (random() < share ? text : '');

  const name = () => one(NAMES);
  const string = () => one(STRINGS);
  const list = (item: () => string, most = 2) => Array.from({ length: 1 + below(most) }, item).join(' , ');
  const inParentheses = (text: string) => `( ${text} )`;

  function value(depth: number): string {
    const inner = () => value(depth - 1);
    const plain = [name, string, () => one(NUMBERS), () => '$x', () => `${name()} . ${name()}`];
    if (depth <= 0) return one(plain)();
    return one([
      ...plain,
      () => `${one(FUNCTIONS)} ( ${list(inner)} )`,
      () => `identifier ( ${string()} ) ${maybe(inParentheses(inner()))}`,
      () => inParentheses(query(depth - 1)),
      () => `${inner()} ${one(['=', '+', '->', '||', '/', '*', '-', 'in'])} ${inner()}`,
      () => `case when ${inner()} then ${inner()} end`,
      () => `cast ( ${inner()} as string )`,
    ])();
  }

  function table(depth: number): string {
    if (depth <= 0) return name();
    return one([
      name,
      name,
      () => `${name()} ${maybe('as')} ${name()}`,
      () => `${inParentheses(query(depth - 1))} ${maybe(name())}`,
      () => `${table(depth - 1)} join ${name()} using ( ${name()} )`,
      () => `identifier ( ${string()} )`,
      () => `range ( ${value(0)} )`,
      () => `values ${inParentheses(value(depth - 1))} as ${name()} ( ${name()} )`,
    ])();
  }

  const hint = () => `/*+ ${list(() => `${name()} ${maybe(inParentheses(value(0)), 0.5)}`)} */`;
  const program = () => `using ${one([string(), '$x', ':x', '?', 'r"cat"'])} ${maybe(`as ${name()}`)}`;
  const where = (depth: number) => maybe(`where ${value(depth - 1)}`);

  function select(depth: number): string {
    const columns = list(() => `${value(depth - 1)} ${maybe(`as ${name()}`)}`);
    const transformed = one([`select transform ( ${columns} )`, `map ${columns}`, `reduce ${columns}`]);
    if (random() < 0.06) return `${transformed} ${program()}`;
    return `select ${maybe(hint())} ${maybe('distinct', 0.1)} ${columns}`;
  }

  function query(depth: number): string {
    if (depth <= 0) return one(['select 1', 'table t', 'values ( 1 )']);
    const inner = () => query(depth - 1);
    return one([
      () => `${select(depth)} ${maybe(`from ${table(depth - 1)}`, 0.7)} ${where(depth)}`,
      () => `from ${table(depth - 1)} ${select(depth)} ${where(depth)}`,
      () => `from ${table(depth - 1)} ${one(PIPES)} ${maybe(`|> select ${value(depth - 1)} as ${name()}`)}`,
      () => inParentheses(inner()),
      () => `${inner()} ${one(['union all', 'except', 'intersect', 'minus'])} ${inner()}`,
      () => `${inner()} ${one(['order by 1', 'limit 5', 'offset 1', `|> where ${value(depth - 1)}`])}`,
      () => `${commonTables(depth)} ${inner()}`,
      () => `table ${name()}`,
      () => `values ${list(() => value(depth - 1))}`,
    ])();
  }

  function commonTables(depth: number): string {
    const columns = () => maybe(`( ${list(name)} )`);
    const level = () => maybe('max recursion level 5', 0.1);
    const each = () => `${name()} ${columns()} ${level()} ${maybe('as', 0.7)} ${inParentheses(query(depth - 1))}`;
    return `with ${maybe('recursive')} ${list(each)}`;
  }

  const insert = () =>
    `insert ${one(['into', 'overwrite', 'overwrite table', 'into table'])} ${one([name(), 'identifier ( $x )'])}`;
  function changing(depth: number): string {
    return one([
      () => `${insert()} ${query(depth)}`,
      () =>
        `from ${table(depth)} ${insert()} ${select(depth)} ${where(depth)} ${maybe(`${insert()} ${select(depth)}`)}`,
      () => `delete from ${name()} ${where(depth)}`,
      () => `update ${name()} set a = ${value(depth)} ${where(depth)}`,
      () => `merge into ${name()} using ${one([name(), inParentheses(query(depth))])} on true when matched then delete`,
      () => one(OTHERS),
    ])();
  }

  function statement(): string {
    const depth = 1 + below(3);
    return one([
      () => query(depth),
      () => query(depth),
      () => query(depth),
      () => `${commonTables(depth)} ${query(depth)}`,
      () => changing(depth),
      () => `${commonTables(depth)} ${changing(depth)}`,
      () => `explain ${maybe(one(['extended', 'formatted', 'cost']))} ${statement()}`,
      () => `${one(['describe', 'desc query', 'describe query'])} ${query(depth)}`,
      () => one(SHOWING),
      () => `${one(NAMES)} ${changing(depth)}`,
    ])();
  }

  /** Cuts two statements and puts the halves together, drops, doubles or adds a word. */
  function spoiled(tokens: string[]): string[] {
    const at = below(tokens.length + 1);
    return one([
      () => [...tokens.slice(0, at), ...words(statement()).slice(below(6))],
      () => tokens.toSpliced(at, 1),
      () => tokens.toSpliced(at, 0, ...words(one(FRAGMENTS))),
      () => tokens.toSpliced(at, 0, ...words(statement())),
      () => tokens.toSpliced(at, 0, one(BLANKS)),
    ])();
  }

  return () => {
    let tokens = words(statement());
    while (random() < 0.4) tokens = spoiled(tokens);
    const strange = one([0, 0.05, 0.3]);
    const cased = random() < 0.1 ? (text: string) => text.replace('i', 'ı').replace('s', 'ſ') : (text: string) => text;
    return tokens.map((token) => cased(token) + (random() < strange ? one(BLANKS) : ' ')).join('');
  };
}

/** Strings and names in backticks have no blanks. */
function words(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}

/** mulberry32 */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SUBSTITUTED = `${'$'}{system:line.separator}`;
const NAMES = [
  ...'a b t u insert update delete merge recursive as max using into from select transform map with union r x 1a a1'.split(
    ' ',
  ),
  ...'ınsert _a é level values table e `)` `(` `insert` `a``b` `/*` `--` `;` "a" "a""b" a$b 5insert'.split(' '),
  "identifier('t')",
  "`'`",
];
const STRINGS = [
  ...[
    "'a'",
    "'a''b'",
    "'it\\'s'",
    "'\\\\'",
    '"a"',
    '"a\\"b"',
    '""',
    "''",
    "r'a'",
    "r'a\\'",
    'r"\\"',
    "R'a''b'",
    "r'a''\\'",
  ],
  ...[
    "'--'",
    "'/*'",
    "'*/'",
    "'/*+'",
    "')'",
    "'('",
    "';'",
    "'\"'",
    '"\'"',
    "'`'",
    "x'AB'",
    "date'2020-01-01'",
    "'cat'",
  ],
  ...[
    "') insert into u select 1 --'",
    "'*/ insert into u select 1 /*'",
    "'\n'",
    "'$$'",
    `'${SUBSTITUTED}'`,
    "'reflect'",
  ],
];
const NUMBERS = [
  '1',
  '1.5',
  '.5',
  '1.',
  '1e5',
  '1e+5',
  '1E-5',
  '.5e+5',
  '5L',
  '1bd',
  '1e5insert',
  '1e+5insert',
  '1e+5using',
  '1.insert',
];
const FUNCTIONS = [
  'f',
  'concat',
  'reflect',
  'system.builtin.reflect',
  '`reflect`',
  'REFLECT',
  'java_method',
  'try_reflect',
  'replace',
  '"reflect"',
];
const PIPES = [
  '|> select a',
  '|> where a > 1',
  '|> extend 1 as b',
  '|> aggregate count(*) group by a',
  '|> set a = 1',
  '|> as q',
  '|> drop a',
];
const SHOWING = [
  'show tables',
  'show functions like',
  'list jar a',
  'list files',
  'describe t',
  'describe function f',
  'desc extended t',
  'show create table t',
];
const OTHERS = [
  ...[
    'create table t as select 1',
    'drop table t',
    'set a = 1',
    'set x',
    'reset',
    'use t',
    'cache table t',
    'refresh t',
    'call p()',
  ],
  ...[
    "execute immediate 'drop table t'",
    "execute immediate 'select 1' using 1 as a",
    'begin select 1; end',
    'l: begin select 1; end',
  ],
  ...[
    'truncate table t',
    "add jar 'a'",
    'declare x int',
    "load data inpath 'a' into table t",
    'alter table t add column b int',
  ],
  ...[
    'analyze table t compute statistics',
    'msck repair table t',
    'create view v as select 1',
    'commit',
    'dfs -ls',
    'uncache table t',
  ],
  ...[
    "insert overwrite directory 'x' using csv select 1",
    'clear cache',
    'comment on table t is null',
    'set time zone local',
  ],
];
const FRAGMENTS = [
  ...[
    'insert into u',
    'insert overwrite u select a',
    "using 'cat'",
    'using $x',
    '(',
    ')',
    ',',
    ';',
    '/*+',
    '*/',
    '/*',
    '--',
    "'",
    '"',
    '`',
  ],
  ...[
    'with',
    'from t',
    'as (',
    ') select 1',
    '|>',
    'union',
    'select',
    SUBSTITUTED,
    '$',
    '$$',
    '?',
    ':x',
    ':taskwire_1',
    'explain',
    'formatted',
  ],
  ...[
    'execute immediate',
    "reflect('java.lang.System', 'gc')",
    "identifier('reflect')(1)",
    'delete from t',
    'a://b/',
    'map a',
    'row format',
    '\\',
  ],
];
const BLANKS = [
  ...[
    '',
    '',
    '\n',
    '\t',
    '\r\n',
    '\r',
    '\f',
    '\v',
    '\u00a0',
    '\u3000',
    '\u2003',
    '\u2028',
    '\u2029',
    '\ufeff',
    '\u200b',
    '\u0085',
    '\u001c',
  ],
  ...[
    '/**/',
    '/* x */',
    '/* /*+ */',
    '/* /* */ */',
    '/*/ */',
    '/***/',
    "/* ' */",
    '/* " */',
    '/* ` */',
    '/* ( */',
    '/* */ */',
    '/*+ a */',
    '/*+ */',
  ],
  ...[
    '/* insert into u */',
    `/* ${SUBSTITUTED} */`,
    '/* \\*/',
    '/* -- */',
    '/*\n*/',
    '/* 🦆 */',
    '/* /*+ x */ insert into u select 1 -- */\n',
  ],
  ...[
    '-- x\n',
    '-- \\\n',
    "-- '\n",
    '--\r',
    '--\n',
    '-- /*\n',
    '-- */\n',
    '-- \\\\\n',
    '-- \\\r\n',
    `-- ${SUBSTITUTED} insert into u\n`,
    '-- \u2028 x\n',
  ],
];
