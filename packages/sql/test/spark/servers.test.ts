import { type SparkServer, sparkHome, startSpark } from '@taskwire/testing/spark';
import { describe, expect, test } from 'vitest';
import { ask } from '../../src/conformance/index.ts';
import { open } from './spark-fixture.ts';

// biome-ignore lint/style/noProcessEnv: set by main.ts
const isQuick = process.env.TEST_SPARK_QUICK !== undefined;
const home = sparkHome() ?? '';

function addressOf({ host, port }: SparkServer) {
  return { host, port, tls: false };
}

/** Each starts a Spark of its own. */
describe.skipIf(isQuick)('other servers', () => {
  test('without TLS, and with other escapes than usual', { timeout: 120_000 }, async () => {
    const settings = { 'spark.sql.parser.escapedStringLiterals': 'true' };
    await using spark = await startSpark({ home, tls: false, settings });
    await using driver = open(addressOf(spark));
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Spark's own way of writing it
    const text = 'it\'s "ü" \\ \\n 🦆\n${env:HOME} :x';
    const { rows } = await ask(driver, "select $a as a, length($a) as l, '\\n' as b", { parameters: { a: text } });
    expect(rows).toEqual([{ a: text, l: [...text].length, b: '\\n' }]);
    expect(await driver.check(AbortSignal.timeout(20_000))).toMatch(
      /^Spark 4\.\d+\.\d+ at localhost:\d+, catalog spark_catalog/,
    );
  });

  test('that speak binary Thrift: what must be on', { timeout: 120_000 }, async () => {
    await using spark = await startSpark({ home, tls: false, transport: 'binary' });
    await using driver = open(addressOf(spark));
    const message = expect.stringContaining('hive.server2.transport.mode=http');
    await expect(ask(driver, 'select 1')).rejects.toMatchObject({ code: 'connection', message });
  });
});
