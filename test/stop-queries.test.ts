import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startDatabricksEndpoint } from '@taskwire/fake-databricks';
import { newTaskId } from '@taskwire/protocol';
import { expect, test } from 'vitest';
import { DaemonHome } from './daemon-home.ts';

test('stop says which queries go on in the engine, until the next start takes them up, and stop --cancel ends them', {
  timeout: 60_000,
}, async () => {
  await using endpoint = await startDatabricksEndpoint();
  await using bare = await DaemonHome.make();
  const ca_file = join(bare.folder, 'ca.pem');
  await writeFile(ca_file, endpoint.caCertificate);
  const { host, port, path: http_path, token } = endpoint;
  const dwh = { driver: 'databricks', host, port, http_path, token, ca_file };
  const home = bare.with({ TASKWIRE_SQL_CONNECTIONS: JSON.stringify({ dwh }) });
  const submit = async (query: string) => {
    const id = newTaskId();
    await home.run('submit', 'sql_query', `query=${query}`, 'connection=dwh', '--id', id);
    return id;
  };

  await home.run('start', '--detach');
  const quick = await submit('select 1');
  expect(await home.run('result', quick, '--wait')).toMatchObject({ code: 0 });
  expect((await home.run('stop')).out).toMatch(/\nstopped\n$/);

  await home.run('start', '--detach');
  const id = await submit('select /*+ endless */ 1');
  await endpoint.running('endless');
  const stopped = await home.run('stop');
  const words = `1 query goes on in the engine: task ${id} (sql_query, connection dwh). The next start takes it up`;
  expect(stopped).toMatchObject({ code: 0, out: expect.stringContaining(`\nstopped\n${words}`) });
  expect(home.log()).toContain(words);
  await endpoint.running('endless');
  expect(await home.run('stop', '--cancel')).toMatchObject({ code: 4, out: expect.stringContaining(words) });

  await home.run('start', '--detach');
  const ended = await home.run('stop', '--cancel');
  expect(ended).toMatchObject({ code: 0, out: expect.stringContaining(`✔ cancelled ${id}: Cancelled `) });
  expect(ended.out).not.toContain('goes on in the engine');
  await endpoint.idle();
  expect((await home.run('stop', '--cancel')).out).toBe('taskwire is not running; there is nothing to stop.\n');
});
