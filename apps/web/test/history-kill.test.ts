import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@taskwire/redis';
import { startStack } from '@taskwire/testing';
import { expect, inject, onTestFinished, test } from 'vitest';

const TASKS = 400;

test('a web server that is killed while tasks end loses none of them and has none twice', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-history-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const port = await freePort();
  await using stack = await startStack({
    redisUrl: inject('redisUrl'),
    services: ['processor', 'worker', 'web'],
    processes: ['web'],
    env: { TASKWIRE_WEB_PORT: String(port), TASKWIRE_HISTORY_ENABLED: 'true', TASKWIRE_HISTORY_DIRECTORY: folder },
  });
  const address = `http://127.0.0.1:${port}/api/v1/tasks?type=reverse_string&status=completed&limit=200`;
  const found = async () => {
    const ids: string[] = [];
    let page: { tasks: { task_id: string }[]; cursor: string | null } | undefined;
    do {
      const answer = await fetch(page ? `${address}&cursor=${page.cursor}` : address).catch(() => undefined);
      page = answer?.ok ? ((await answer.json()) as NonNullable<typeof page>) : undefined;
      ids.push(...(page?.tasks.map(({ task_id }) => task_id) ?? []));
    } while (page?.cursor);
    return ids;
  };
  const note = async () => ((await (await fetch(address)).json()) as { note: string | null }).note;
  const published = Array.from({ length: TASKS }, (_, index) => `t${index}`);
  for (const [index, task_id] of published.entries()) {
    await stack.publish({ task_id, task_type: 'reverse_string', parameters: { text: task_id } });
    if (index !== TASKS / 2) continue;
    await stack.result(task_id);
    await stack.process('web').kill();
    await stack.start('web');
    // The dead one still has the lease.
    expect(await note()).toMatch(/^What ended lately may be missing: /);
  }
  await expect.poll(async () => (await found()).toSorted()).toEqual(published.toSorted());
  await expect.poll(note).toBeNull();
});
