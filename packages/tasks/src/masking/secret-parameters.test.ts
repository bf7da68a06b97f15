import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { ObjectSchema } from '../define-task.ts';
import { zodFromJsonSchema } from '../json-schema-check.ts';
import { MASKED } from './marks.ts';
import { maskedParameters, maskOf } from './secret-parameters.ts';

const secret = () => z.string().meta({ secret: true });

const tree = z.object({
  token: secret().optional(),
  get children(): z.ZodArray<typeof tree> {
    return z.array(tree);
  },
});

interface Case {
  parameters: ObjectSchema;
  given: object;
  shown: object;
}

const CASES: Record<string, Case> = {
  'at the top': {
    parameters: z.strictObject({ user: z.string(), token: secret() }),
    given: { user: 'ada', token: 'hunter2' },
    shown: { user: 'ada', token: MASKED },
  },
  'however it is wrapped, and described before or after': {
    parameters: z.object({
      a: secret().min(2).optional(),
      b: z.string().optional().meta({ secret: true }),
      c: secret().nullable().default(null),
      d: z.union([secret(), z.number()]),
      e: secret().describe('A token'),
      f: z
        .string()
        .transform((text) => text.trim())
        .meta({ secret: true }),
      g: z
        .string()
        .transform((text) => text.trim())
        .pipe(secret()),
      h: z.preprocess((text) => text, secret()),
    }),
    given: { a: 'A', b: 'B', c: 'C', d: 'D', e: 'E', f: 'F', g: 'G', h: 'H' },
    shown: Object.fromEntries([...'abcdefgh'].map((name) => [name, MASKED])),
  },
  'in objects, lists, pairs and records': {
    parameters: z.object({
      database: z.object({ host: z.string(), password: secret() }),
      keys: z.array(z.object({ name: z.string(), key: secret() })),
      pair: z.tuple([z.string(), secret()]),
      headers: z.record(z.string(), secret()),
      rest: z.object({ known: z.string() }).catchall(secret()),
    }),
    given: {
      database: { host: 'h', password: 'p' },
      keys: [
        { name: 'n', key: 'k' },
        { name: 'm', key: 'l' },
      ],
      pair: ['a', 'b'],
      headers: { accept: 'a' },
      rest: { known: 'k', other: 'o' },
    },
    shown: {
      database: { host: 'h', password: MASKED },
      keys: [
        { name: 'n', key: MASKED },
        { name: 'm', key: MASKED },
      ],
      pair: ['a', MASKED],
      headers: { accept: MASKED },
      rest: { known: 'k', other: MASKED },
    },
  },
  'of any type, as a whole': {
    parameters: z.object({
      pin: z.int().meta({ secret: true }),
      login: z.object({ user: z.string() }).meta({ secret: true }),
    }),
    given: { pin: 4711, login: { user: 'ada' } },
    shown: { pin: MASKED, login: MASKED },
  },
  'in one of several forms, and in a form within itself': {
    parameters: z.object({
      login: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('token'), token: secret() }),
        z.object({ kind: z.literal('user'), user: z.string() }),
      ]),
      both: z.intersection(z.object({ a: z.string() }), z.object({ b: secret() })),
      tree,
    }),
    given: {
      login: { kind: 'token', token: 't' },
      both: { a: 'a', b: 'b' },
      tree: { children: [{ token: 'x', children: [{ token: 'y', children: [] }] }] },
    },
    shown: {
      login: { kind: 'token', token: MASKED },
      both: { a: 'a', b: MASKED },
      tree: { children: [{ token: MASKED, children: [{ token: MASKED, children: [] }] }] },
    },
  },
  'in a JSON Schema': {
    parameters: zodFromJsonSchema({
      $defs: { 'a/key': { type: 'string', secret: true } },
      type: 'object',
      properties: {
        key: { $ref: '#/$defs/a~1key' },
        secret: true,
        keys: { type: 'array', prefixItems: [{ type: 'string' }], items: { $ref: '#/$defs/a~1key' } },
      },
      patternProperties: { '^x-': { secret: true } },
      if: { required: ['mode'] },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema calls it so
      then: { properties: { code: { secret: true } } },
    }),
    given: {
      key: 'k',
      secret: 'is only a name',
      keys: ['a', 'b'],
      'x-auth': 'x',
      mode: 'm',
      code: 'c',
      __proto__: null,
    },
    shown: { key: MASKED, secret: 'is only a name', keys: ['a', MASKED], 'x-auth': MASKED, mode: 'm', code: MASKED },
  },
};

test.each(Object.entries(CASES))('a secret is masked %s', (_, { parameters, given, shown }) => {
  expect(maskedParameters({ parameters }, given)).toEqual(shown);
});

test.each([`a'b"c\\d`, 'a\u001bbcd', `'"\`abc`, 'ab"cd\\efGH'])('%j is masked as console.log quotes it', (token) => {
  const mask = maskOf({ parameters: z.object({ token: secret() }) }, { token });
  expect(mask?.text(inspect({ token }))).toContain(MASKED);
});

test('parameters that mark nothing, or hold no secret, are the same', () => {
  const given = { token: 'hunter2' };
  const plain = { parameters: z.object({ token: z.string() }) };
  expect(maskedParameters(plain, given)).toBe(given);
  expect(maskOf(plain, given)).toBeUndefined();
  expect(maskedParameters(undefined, given)).toBe(given);
  expect(maskOf({ parameters: z.looseObject({ key: secret().optional() }) }, given)).toBeUndefined();
});

test('parameters that do not fit their schema are masked all the same', () => {
  const parameters = z.strictObject({ token: secret() });
  expect(maskedParameters({ parameters }, { token: ['hunter2'], more: 1 })).toEqual({ token: MASKED, more: 1 });
  expect(maskedParameters({ parameters }, { token: null })).toEqual({ token: null });
});

test('a secret is masked wherever it is repeated', () => {
  const parameters = z.object({
    token: secret(),
    pin: z.int().meta({ secret: true }),
    key: secret(),
    login: z.object({ short: z.string(), long: z.string() }).meta({ secret: true }),
  });
  const key = '-----BEGIN KEY-----\nMIIEvQIB\n-----END KEY-----\n';
  const given = { token: ' a"b$&/c ', pin: 4711, key, login: { short: 'abc', long: 'correct horse' } };
  const mask = maskOf({ parameters }, given);
  expect(mask?.text('got a"b$&/c, or 4711')).toBe(`got ${MASKED}, or ${MASKED}`);
  expect(mask?.text(`in JSON: ${JSON.stringify({ token: given.token })}`)).not.toContain('b$&');
  expect(mask?.text(`https://x/?t=${encodeURIComponent('a"b$&/c')}`)).toBe(`https://x/?t=${MASKED}`);
  expect(mask?.text('a line of it: MIIEvQIB')).toBe(`a line of it: ${MASKED}`);
  expect(mask?.text(key)).not.toContain('MIIE');
  expect(mask?.text('abc and correct horse')).toBe(`abc and ${MASKED}`);
  expect(mask?.in({ 'correct horse': [4711, { a: 'a"b$&/c' }, null, 12] })).toEqual({
    [MASKED]: [MASKED, { a: MASKED }, null, 12],
  });
});

test('nothing that is thrown or logged is too odd to be masked', () => {
  const mask = maskOf({ parameters: z.object({ token: secret() }) }, { token: 'correct horse' });
  const endless = new Error('correct horse');
  endless.cause = endless;
  expect(mask?.thrown(endless)).toMatchObject({ message: MASKED });
  const odd = Object.defineProperty(new Error('x'), 'stack', { get: () => 1 });
  Object.defineProperty(odd, 'message', { value: { words: 'correct horse' } });
  expect(mask?.thrown(odd)).toBe(`{ words: '${MASKED}' }`);
  let deep: unknown = 'correct horse';
  for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
  expect(JSON.stringify(mask?.in(deep))).toMatch(/^\[+"⟦masked⟧"\]+$/);
});

test('an error is masked with its stack and its cause, and a text that was cut within a secret to its end', () => {
  const mask = maskOf({ parameters: z.object({ token: secret() }) }, { token: 'correct horse' });
  const thrown = new TypeError('no correct horse', { cause: new Error('correct horse!') });
  const shown = mask?.thrown(thrown) as Error;
  expect(shown).toMatchObject({ name: 'TypeError', message: `no ${MASKED}`, cause: { message: `${MASKED}!` } });
  expect(shown.stack).toMatch(/^TypeError: no ⟦masked⟧\n/);
  expect(mask?.thrown({ token: 'correct horse' })).toBe(`{ token: '${MASKED}' }`);
  expect(mask?.text('the token is correct ho…')).toBe(`the token is ${MASKED}…`);
  expect(mask?.text('this is correctly cut…')).toBe('this is correctly cut…');
});
