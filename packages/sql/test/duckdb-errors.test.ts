import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import { openDriver } from '../src/index.ts';
import { dataFolder } from './data-folder.ts';

const LONG = 'ü'.repeat(600);
const csvWithLast = (value: string) =>
  `id,long,n\n${Array.from({ length: 25_000 }, (_, id) => `${id},"${LONG}",${id}\n`).join('')}${value}\n`;

test.each<[what: string, name: string, content: string | Buffer, query: string, reason: string, advice: string]>([
  [
    'a value of another type behind a long text',
    ...(['a.csv', csvWithLast(`x,"${LONG}",n/a`), 'select max(n) from FILE'] as const),
    ...(['Error when converting column "n". Could not convert string "n/a" to \'BIGINT\'', 'sample_size=-1'] as const),
  ],
  [
    'the same behind a text of many lines',
    ...(['a.csv', csvWithLast(`x,"${'line\n'.repeat(3000)}",n/a`), 'select max(n) from FILE'] as const),
    ...(['Could not convert string "n/a" to \'BIGINT\'', "types={'n': 'VARCHAR'}"] as const),
  ],
  [
    'a file in another encoding',
    ...(['a.csv', Buffer.from('a,b\n1,S\u00fcd\n', 'latin1'), 'from FILE'] as const),
    ...(['This file is not utf-8 encoded', 'encoding='] as const),
  ],
  [
    'a row with a field more',
    ...(['a.csv', `a,b\n${'1,2\n'.repeat(30_000)}1,2,3\n`, 'select count(*) from FILE'] as const),
    ...(['Expected Number of Columns: 2 Found: 3', 'null_padding=true'] as const),
  ],
  [
    'a line longer than allowed',
    ...(['a.csv', `id,long,n\n1,"${LONG}",1\n`, 'from read_csv(FILE, max_line_size = 100)'] as const),
    ...(['Maximum line size of 100 bytes exceeded', 'max_line_size='] as const),
  ],
  [
    'JSON of another type',
    ...(['a.json', `${'{"a":1}\n'.repeat(30_000)}{"a":"${LONG}"}\n`, 'select max(a) from FILE'] as const),
    ...(['Failed to cast value to numerical', "increasing 'sample_size'"] as const),
  ],
])('says the reason and the advice for %s', async (_what, name, content, query, reason, advice) => {
  await using folder = await dataFolder();
  const path = join(folder.path, name);
  await writeFile(path, content);
  await using driver = await openDriver({
    driver: 'duckdb',
    ...{ dataDirectory: folder.path, memoryLimitMb: 256, threads: 2 },
  });
  const asked = ask(driver, query.replace('FILE', `'${path}'`));
  const { message } = await asked.then(
    () => expect.fail('the file was read'),
    (thrown: Error) => thrown,
  );
  expect(message).toContain(reason);
  expect(message).toContain(advice);
  expect(message).toContain(name);
  expect(message).not.toContain('Auto-Detected');
  expect(message.length).toBeLessThan(1600);
});
