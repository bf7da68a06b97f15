import { z } from 'zod';
import { defineTask } from '../define-task.ts';

const MAX_CHARACTERS = 100_000;

export const reverseString = defineTask({
  type: 'reverse_string',
  description: 'Reverses a text and keeps what people see as one character whole: accents, flags, families.',
  parameters: z.strictObject({
    text: z
      .string()
      .min(1, 'must not be empty')
      .refine(hasFewCharacters, `must have at most ${MAX_CHARACTERS} characters`)
      .describe(`1 to ${MAX_CHARACTERS} characters (Unicode code points)`),
  }),
  result: z.strictObject({ reversed_text: z.string() }),
  example: { text: 'Hello 👋🏽' },
});

function hasFewCharacters(text: string): boolean {
  // A code point is one or two code units, so for most texts the length decides.
  if (text.length <= MAX_CHARACTERS) return true;
  if (text.length > 2 * MAX_CHARACTERS) return false;
  return Array.from(text).length <= MAX_CHARACTERS;
}
