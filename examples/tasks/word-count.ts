import { defineTask, type HandlerOf } from '@taskwire/tasks';
import { z } from 'zod';

export const task = defineTask({
  type: 'word_count',
  description: 'Counts the words of a text and names those that come most often.',
  parameters: z.strictObject({
    text: z.string().max(100_000).describe('In any language; at most 100,000 characters'),
    top: z.int().min(0).max(100).default(3).describe('How many of the most frequent words to name'),
  }),
  result: z.strictObject({
    words: z.int().describe('Number of words'),
    different: z.int().describe('Number of different words'),
    top: z.array(z.strictObject({ word: z.string(), count: z.int() })),
  }),
  example: { text: 'The cat in the hat' },
});

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

export const handler: HandlerOf<typeof task> = ({ parameters: { text, top } }) => {
  const counts = new Map<string, number>();
  let words = 0;
  for (const { segment, isWordLike } of segmenter.segment(text)) {
    if (!isWordLike) continue;
    const word = segment.toLowerCase();
    counts.set(word, (counts.get(word) ?? 0) + 1);
    words += 1;
  }
  const byCount = Array.from(counts, ([word, count]) => ({ word, count })).sort((a, b) => b.count - a.count);
  return { words, different: counts.size, top: byCount.slice(0, top) };
};
