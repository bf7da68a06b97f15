import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { errorCodeSchema } from '@taskwire/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { type IntakeFixture, idOf, reverse, settleAll, settleDurably, startIntake } from './inbox-intake-fixture.ts';

/** Refuses tasks whose id belongs to another task. */
const conflicting: NonNullable<Parameters<typeof startIntake>[0]>['settle'] = (file) => {
  const { validated } = file;
  if (validated.status === 'rejected' || !/^b/.test(JSON.stringify(validated.task.request.parameters.text).slice(1))) {
    return settleAll(file);
  }
  const { request } = validated.task;
  return { status: 'refused', rejection: { code: 'task_id_conflict', error: 'It is another task.', task: request } };
};

test.each([
  ['an unknown task type', { task_type: 'reverse_strin' }, 'unknown_task_type', /did you mean "?reverse_string/],
  ['wrong parameters', { task_type: 'reverse_string', parameters: { text: 7 } }, 'invalid_parameters', /text/],
  ['an unknown field', reverse({ user: 7 }), 'invalid_message', /user: no such field/],
  ['a name that would leave the folder', { query_id: '../../x', query: 'select 1' }, 'invalid_message', /query_id/],
  ['an array', [reverse()], 'invalid_message', /must be a JSON object/],
  [
    'nesting without end',
    `{"query":"x","metadata":{"a":${'['.repeat(40_000)}${']'.repeat(40_000)}}}`,
    'invalid_message',
    /deeper/,
  ],
])('refuses %s, and says why beside the file', async (_what, content, code, error) => {
  const inbox = await startIntake();
  inbox.drop('a.json', content);
  await expect.poll(inbox.rejected).toEqual(['a.error.json', 'a.json']);
  const explanation = inbox.explanation('a.error.json');
  expect(explanation).toMatchObject({ error: expect.stringMatching(error), error_code: code, file: 'a.json' });
  expect(errorCodeSchema.parse(explanation.error_code)).toBe(code);
  expect(Date.parse(explanation.rejected_at as string)).toBeGreaterThan(0);
  expect(readFileSync(join(inbox.folder.rejected, 'a.json'), 'utf8')).toBe(
    typeof content === 'string' ? content : JSON.stringify(content),
  );
  expect(inbox.left()).toEqual([]);
  // It is answered like any message: the processor publishes the error result, and the outbox may write a result file.
  expect(inbox.pushed).toHaveLength(1);
  expect(inbox.refused).toMatchObject([{ name: 'a.json', rejection: { code } }]);
  expect(inbox.logged).toEqual([]);
});

test('`..` is a task id like any other, and stays within the folder', async () => {
  const inbox = await startIntake();
  inbox.drop('a.json', { query_id: '..', query: 'select 1' });
  await expect.poll(inbox.accepted).toEqual(['...json']);
});

/** What is no ordinary file, and the error that refuses it. */
const STRANGE: Record<string, [make: (path: string) => unknown, error: RegExp]> = {
  'a link': [(path) => symlinkSync('/etc/passwd', path), /is a link, and links are not followed/],
  'a link to nothing': [(path) => symlinkSync('/nowhere/at/all', path), /is a link/],
  'a folder': [(path) => mkdirSync(join(path, 'more'), { recursive: true }), /is a folder/],
  'a pipe': [(path) => execFileSync('mkfifo', [path]), /is a pipe/],
  'a socket': [
    async (path) => {
      const server = createServer().listen(path);
      onTestFinished(() => void server.close());
    },
    /is a socket or a device/,
  ],
};

test.each(Object.keys(STRANGE))('moves %s away without reading it, and says what it is', async (what) => {
  const [make, error] = STRANGE[what] as (typeof STRANGE)[string];
  const inbox = await startIntake();
  await make(inbox.request('strange.json'));
  await expect.poll(inbox.rejected).toEqual(['strange.error.json', 'strange.json']);
  expect(inbox.explanation('strange.error.json')).toMatchObject({
    error,
    error_code: 'invalid_message',
    task_id: null,
  });
  expect(inbox.pushed).toMatchObject([{ validated: { status: 'rejected' }, size: 0 }]);
  inbox.drop('good.json', reverse({ task_id: 'good' }));
  await expect.poll(inbox.accepted).toEqual(['good.json']);
});

test('refuses a file that is too large without reading it', async () => {
  const inbox = await startIntake({ maxBytes: 1000 });
  inbox.drop('a.json', 'x'.repeat(1001));
  await expect.poll(inbox.rejected).toEqual(['a.error.json', 'a.json']);
  expect(inbox.explanation('a.error.json')).toMatchObject({
    error: expect.stringMatching(/^The file "a.json" has 1001 bytes; at most 1000 are accepted/),
    error_code: 'message_too_large',
  });
});

test('refuses a file that may not be read', async () => {
  const isRoot = process.getuid?.() === 0;
  const inbox = await startIntake({ start: false });
  // Root may read everything, so it becomes another user.
  if (isRoot) {
    const { folder } = inbox;
    for (const path of [folder.path, folder.requests, folder.rejected, folder.accepted])
      chownSync(path, 65_534, 65_534);
    process.seteuid?.(65_534);
    onTestFinished(() => process.seteuid?.(0));
  }
  inbox.drop('a.json', reverse());
  chmodSync(inbox.request('a.json'), 0);
  await inbox.intake.start();
  await expect.poll(inbox.rejected).toEqual(['a.error.json', 'a.json']);
  expect(inbox.explanation('a.error.json')).toMatchObject({
    error: expect.stringMatching(/may not be read by the user that taskwire runs as; give that user the right/),
    error_code: 'invalid_message',
  });
});

test('a file whose name is taken among the rejected gets a number, and nothing there is lost', async () => {
  const inbox = await startIntake();
  const drop = async (name: string, content: string, files: number) => {
    inbox.drop(name, content);
    await expect.poll(inbox.rejected).toHaveLength(files);
  };
  await drop('a.json', '[1]', 2);
  await drop('a.json', '[2]', 4);
  await drop('b.error.json', '[3]', 6);
  await drop('b.json', '[4]', 8);
  await drop('a.json', '[5]', 10);
  const contents = (names: string[]) => names.map((name) => readFileSync(join(inbox.folder.rejected, name), 'utf8'));
  expect(contents(['a.json', 'a.2.json', 'b.error.json', 'b.2.json', 'a.3.json'])).toEqual([
    '[1]',
    '[2]',
    '[3]',
    '[4]',
    '[5]',
  ]);
  for (const [name, file] of Object.entries({ 'a.2': 'a.json', 'b.error': 'b.error.json', 'b.2': 'b.json' })) {
    expect(inbox.explanation(`${name}.error.json`).file).toBe(file);
  }
});

test('refuses a file with the longest name there can be', async () => {
  const inbox = await startIntake();
  const name = `${'é'.repeat(125)}.json`;
  expect(Buffer.byteLength(name)).toBe(255);
  for (const content of ['[1]', '[2]']) {
    inbox.drop(name, content);
    await expect.poll(inbox.left).toEqual([]);
  }
  await expect.poll(inbox.rejected).toHaveLength(4);
  for (const explanation of inbox.rejected().filter((rejected) => rejected.endsWith('.error.json'))) {
    expect(inbox.explanation(explanation).file).toBe(name);
  }
  expect(inbox.logged).toEqual([]);
});

test('makes the folder of rejected files again', async () => {
  const inbox = await startIntake();
  rmSync(inbox.folder.rejected, { recursive: true });
  inbox.drop('a.json', '[1]');
  await expect.poll(() => inbox.left()).toEqual([]);
  await expect.poll(inbox.rejected).toEqual(['a.error.json', 'a.json']);
});

async function refusedOnce(inbox: IntakeFixture) {
  await expect.poll(inbox.rejected).toContain('b.json');
  return inbox.said.filter((what) => what.startsWith('forget'));
}

test('a refused file that named a task of another file leaves that one expected', async () => {
  const inbox = await startIntake({ settle: conflicting });
  inbox.drop('a.json', reverse({ task_id: 'same' }));
  await expect.poll(inbox.accepted).toEqual(['same.json']);
  inbox.drop('b.json', { task_type: 'reverse_string', task_id: 'same', parameters: { text: 'b' } });
  expect(await refusedOnce(inbox)).toEqual([]);
  expect(inbox.accepted()).toEqual(['same.json']);
});

test('a refused file that named a task of somebody else is awaited no longer', async () => {
  const inbox = await startIntake({ settle: conflicting });
  inbox.drop('b.json', { task_type: 'reverse_string', task_id: 'same', parameters: { text: 'b' } });
  expect(await refusedOnce(inbox)).toEqual(['forget same']);
  // Forgotten first: what the outbox does about a refused file depends on whether it awaits the task.
  expect(inbox.said).toEqual(['expect same', 'push same', 'forget same', 'refused b.json']);
});

test('two files for one task at the same moment, of which one is refused, leave it expected', async () => {
  const inbox = await startIntake({ settle: () => undefined });
  inbox.drop('a.json', reverse({ task_id: 'same' }));
  await expect.poll(() => inbox.pushed).toHaveLength(1);
  inbox.drop('b.json', { task_type: 'reverse_string', task_id: 'same', parameters: { text: 'b' } });
  await expect.poll(() => inbox.pushed.map(idOf)).toEqual(['same', 'same']);
  const [a, b] = inbox.pushed;
  if (!a || !b) throw new Error('not pushed');
  b.settle?.(conflicting(b) as never);
  expect(await refusedOnce(inbox)).toEqual([]);
  settleDurably(a);
  await expect.poll(() => inbox.said).toContain('accepted same');
});

test('takes up again a refusal that was cut off when only the reason stood there', async () => {
  const inbox = await startIntake({
    before: ({ requests, rejected }) => {
      writeFileSync(join(requests, 'a.json'), '[1]');
      writeFileSync(
        join(rejected, 'a.error.json'),
        JSON.stringify({
          error: 'old',
          error_code: 'invalid_message',
          file: 'a.json',
          rejected_at: '2026-11-21T12:00:00.123Z',
        }),
      );
    },
  });
  await expect.poll(inbox.rejected).toEqual(['a.error.json', 'a.json']);
  expect(inbox.explanation('a.error.json').error).toMatch(/must be a JSON object/);
});
