import { randomUUID } from 'node:crypto';
import { ask, describeSqlDriver, type SqlDialect } from '../../src/conformance/index.ts';
import { sparkDialect } from '../spark-dialect.ts';
import { open } from './spark-fixture.ts';

const dialect: SqlDialect = {
  ...sparkDialect,
  listAsText: true,
  countsChanges: false,
  // It is cancelled when it is 2 s old.
  stopsWithinMs: 6000,
  endless: 'select count_if(id < 0) as c from range(0, 1000000000000000, 1, 1)',
};

describeSqlDriver({
  name: 'Spark',
  create: async () => open(),
  async createWritable() {
    const schema = `test_${randomUUID().replaceAll('-', '')}`;
    await using driver = open({ readOnly: false });
    await ask(driver, `create schema ${schema}`);
    return open({ readOnly: false, schema });
  },
  dialect,
});
