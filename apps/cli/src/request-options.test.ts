import { rawNumber, requestSchema } from '@taskwire/protocol';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { UsageError } from './command-error.ts';
import { type RequestOptions, requestOf, withRequestOptions } from './request-options.ts';

/** The request for the words after `run` on the command line. */
async function requestFor(...args: string[]) {
  const command = withRequestOptions(new Command('run')).exitOverride();
  await command.parseAsync(args, { from: 'user' });
  const [type, words] = command.processedArgs as [string, string[]];
  return requestOf(type, words, command.opts<RequestOptions>());
}

test('needs no more than a type and its parameters', async () => {
  expect(await requestFor('reverse_string', 'text=abc')).toEqual({
    task_type: 'reverse_string',
    parameters: { text: 'abc' },
  });
});

test('takes every field of a request', async () => {
  const request = await requestFor(
    ...['reverse_string', 'text=abc', '--id', 'mine', '--user', '7', '--metadata', '{"page": 3}', '--priority', '5'],
    ...['--delay', '10', '--timeout-ms', '20', '--attempts', '2'],
  );
  expect(request).toEqual({
    task_type: 'reverse_string',
    parameters: { text: 'abc' },
    task_id: 'mine',
    user_id: rawNumber('7'),
    metadata: { page: 3 },
    priority: 5,
    delay_ms: 10,
    timeout_ms: 20,
    attempts: 2,
  });
  expect(requestSchema.safeParse(request).success).toBe(true);
});

test.each([
  [['--json', '{"text": "abc"}'], { text: 'abc' }],
  [['text=abc', '--json'], { text: 'abc' }],
  [['--json', 'text=abc'], { text: 'abc' }],
])('%j gives the parameters %j', async (args, parameters) => {
  expect(await requestFor('reverse_string', ...args)).toMatchObject({ parameters });
});

test.each([
  ['7', '7'],
  ['0', '0'],
  ['-7', '-7'],
  ['1.50', '1.50'],
  ['9007199254740993', '9007199254740993'],
  ['seven', '"seven"'],
  ['007', '"007"'],
  ['1e3', '"1e3"'],
  ['', '""'],
])('the user %j is sent as %s', async (text, sent) => {
  const { user_id } = await requestFor('generate_random_number', `--user=${text}`);
  expect(JSON.stringify(user_id)).toBe(sent);
});

test.each([
  [['--priority', 'high'], '--priority takes a number, not "high".'],
  [['--delay', ''], '--delay takes a number, not "".'],
  [['--timeout-ms', '5s'], '--timeout-ms takes a number, not "5s".'],
  [['--attempts', 'Infinity'], '--attempts takes a number, not "Infinity".'],
  [['--metadata', '{page: 3}'], '--metadata takes a JSON object, not "{page: 3}".'],
])('refuses %j with a sentence', async (args, sentence) => {
  const asked = requestFor('generate_random_number', ...args);
  await expect(asked).rejects.toThrow(UsageError);
  await expect(asked).rejects.toThrow(sentence);
});

test('refuses a task type that does not exist, and suggests one that does', async () => {
  const asked = requestFor('reverse-string', 'text=abc');
  await expect(asked).rejects.toThrow(UsageError);
  await expect(asked).rejects.toThrow('There is no task type "reverse-string"; did you mean "reverse_string"?');
});
