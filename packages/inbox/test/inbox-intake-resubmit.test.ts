import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { idOf, reverse, startIntake } from './inbox-intake-fixture.ts';

test('submits an accepted file again under its task id, and leaves it where it is', async () => {
  const inbox = await startIntake({
    start: false,
    before: ({ accepted }) => writeFileSync(join(accepted, 'lost.json'), JSON.stringify(reverse())),
  });
  await inbox.intake.resubmit('lost');
  expect(inbox.pushed.map(idOf)).toEqual(['lost']);
  expect(inbox.pushed).toMatchObject([{ validated: { task: { request: { reply_to: 'results:inbox' } } } }]);
  expect(inbox.said).toEqual(['push lost']);
  expect(inbox.accepted()).toEqual(['lost.json']);
});

test('refuses an accepted file that has become none, and a link in its place', async () => {
  const inbox = await startIntake({
    start: false,
    before: ({ accepted }) => {
      writeFileSync(join(accepted, 'gone-type.json'), JSON.stringify({ task_type: 'removed' }));
      symlinkSync('/etc/passwd', join(accepted, 'link.json'));
    },
  });
  await inbox.intake.resubmit('gone-type');
  await inbox.intake.resubmit('link');
  expect(inbox.rejected()).toEqual(['gone-type.error.json', 'gone-type.json', 'link.error.json', 'link.json']);
  expect(inbox.explanation('gone-type.error.json').error_code).toBe('unknown_task_type');
  expect(inbox.accepted()).toEqual([]);
  expect(inbox.said).toEqual([
    'push gone-type',
    'forget gone-type',
    'refused gone-type.json',
    'forget link',
    'refused link.json',
  ]);
});

test('forgets a task whose file is gone, and takes a file that came there by accident as the request that it is', async () => {
  const inbox = await startIntake({
    before: ({ accepted }) => writeFileSync(join(accepted, 'one.json'), JSON.stringify(reverse({ task_id: 'other' }))),
  });
  await inbox.intake.resubmit('nobody');
  expect(inbox.said).toEqual(['forget nobody']);
  await inbox.intake.resubmit('one');
  await expect.poll(inbox.accepted).toEqual(['other.json']);
  expect(inbox.said).toContain('forget one');
});

test('a file that cannot be read is a fault, so that it is tried again', async () => {
  const inbox = await startIntake({ start: false, settle: () => undefined });
  await expect(inbox.intake.resubmit('x'.repeat(300))).rejects.toThrow('ENAMETOOLONG');
});

test('does not wait for a processor that stops', async () => {
  const inbox = await startIntake({
    settle: () => undefined,
    before: ({ accepted }) => writeFileSync(join(accepted, 'a.json'), JSON.stringify(reverse())),
  });
  const resubmitted = inbox.intake.resubmit('a');
  await expect.poll(() => inbox.pushed).toHaveLength(1);
  await inbox.intake[Symbol.asyncDispose]();
  await resubmitted;
  expect(inbox.accepted()).toEqual(['a.json']);
});
