import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startApi } from './api-server.ts';

test('the file of a SQL result is served, whole and in ranges, under its own name', async () => {
  await using api = await startApi({ services: ['processor', 'sql-worker', 'web'] });
  const query = 'select range as n from range(2000)';
  const { body } = await api.submit(
    { task_type: 'sql_query', parameters: { query, format: 'csv' } },
    { prefer: 'wait=30' },
  );
  const taskId = body.task_id;
  const { file } = body.result;
  const name = `${taskId}.taskwire.csv`;
  expect((await api.ask('GET', `/tasks/${taskId}`)).body.file).toEqual({ name, bytes: file.bytes });
  const whole = await api.ask('GET', `/tasks/${taskId}/file`);
  expect(whole).toMatchObject({ status: 200 });
  expect(whole.text.length).toBe(file.bytes);
  expect(whole.text.trim().split(/\r?\n/)).toHaveLength(2001);
  expect(whole.headers.get('content-type')).toMatch(/^text\/csv/);
  expect(whole.headers.get('content-disposition')).toBe(`attachment; filename="${name}"`);
  const part = await api.ask('GET', `/tasks/${taskId}/file`, { headers: { range: 'bytes=0-3' } });
  expect(part).toMatchObject({ status: 206, text: whole.text.slice(0, 4) });
  const etag = whole.headers.get('etag') as string;
  const same = await api.ask('GET', `/tasks/${taskId}/file`, {
    headers: { 'if-none-match': etag, 'cache-control': 'max-age=0' },
  });
  expect(same.status).toBe(304);
  for (const [headers, status, range] of [
    [{ range: 'bytes=99999999-' }, 416, `bytes */${file.bytes}`],
    [{ 'if-match': '"another"' }, 412, null],
  ] as const) {
    const refused = await api.ask('GET', `/tasks/${taskId}/file`, { headers });
    expect(refused).toMatchObject({ status, body: { status } });
    expect(refused.headers.get('content-range')).toBe(range);
  }

  await rm(join(api.stack.config.results.directory, name));
  const gone = await api.ask('GET', `/tasks/${taskId}/file`);
  expect(gone).toMatchObject({ status: 404, body: { error_code: 'file_not_here' } });
  const without = await api.submit(
    { task_type: 'sql_query', parameters: { query: 'select 1' } },
    { prefer: 'wait=30' },
  );
  const none = await api.ask('GET', `/tasks/${without.body.task_id}/file`);
  expect(none).toMatchObject({ status: 404, body: { error_code: 'no_file' } });
});
