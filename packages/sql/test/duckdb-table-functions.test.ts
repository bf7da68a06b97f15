import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodesIn, parse } from '../src/drivers/duckdb/syntax-tree.ts';
import { effectIn } from '../src/drivers/duckdb/table-functions.ts';

const PIECES = [
  ...['query', '"query"', 'Query', "('select 1')", '()', '(', ')', ' from ', ', ', ' join ', ' on true', ' lateral '],
  ...['system.main.', ' t', ' as t', ' q: ', '\u200b', '\u2060', '\u00a0', '\u3000', '\ufeff', '\u2028', '\n', '\x0b'],
  ...[
    '--',
    '-- x\n',
    '--\r',
    '/*',
    '*/',
    '/* ( */',
    '/* /* */ */',
    "'",
    "''",
    '"',
    "e'",
    "E'\\'",
    '\\',
    '$$',
    '1E',
    '1',
  ],
  ...[
    'select ',
    '*',
    ' where ',
    ' union all ',
    ' query',
    '.',
    ' pivot ',
    ' cross join ',
    'é',
    "'a.csv'",
    ' summarize ',
  ],
];
const FRAMES = [
  ['select * from ', ''],
  ['from ', "('x')"],
  ['select * from t join ', ' on true'],
  ["select '", "' from query('x')"],
  ['select $$', '$$ from query()'],
  ['select * from ', "query('x')"],
  ['select * from query', "('x')"],
];

/** DuckDB shows the tree of a SELECT: what it calls there, it calls in an INSERT of the same SELECT. */
async function callsInTree(select: string): Promise<boolean | undefined> {
  const tree = await parse(select);
  if (tree.status !== 'selects' || tree.statements.length !== 1) return undefined;
  const names = [...nodesIn(tree.statements[0]?.node ?? null)]
    .filter(({ type }) => type === 'TABLE_FUNCTION')
    .map((node) => (node.function as { function_name?: string }).function_name?.toLowerCase());
  return names.includes('query');
}

test('finds every call that DuckDB sees in a statement that writes', async () => {
  const pieces = fc.array(fc.constantFrom(...PIECES), { maxLength: 4 }).map((some) => some.join(''));
  let found = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...FRAMES), pieces, async ([before, after], between) => {
      const select = `${before}${between}${after}`;
      if (!(await callsInTree(select))) return;
      found += 1;
      expect(await effectIn(`insert into t ${select}`)).toMatch(/^query$/i);
    }),
    { numRuns: 2000, seed: 14 },
  );
  expect(found).toBeGreaterThan(100);
});
