import { expect, test } from 'vitest';
import { NewsFeed } from './news-feed.ts';
import { NewsStream } from './news-stream.ts';
import { type Listener, newsIn, type TaskNews } from './task-news.ts';

const resultOf = (id: string, user_id: number) => {
  const message = { task_id: id, task_type: 'a', user_id, status: 'completed', result: {}, timestamp: 'now' };
  return newsIn('result', JSON.stringify(message), id) as NonNullable<ReturnType<typeof newsIn>>;
};

/** The ids of the results that one client of a feed was told. */
async function told(bounds: { userId: number } | undefined, after: string | undefined): Promise<string[]> {
  let listener: Listener | undefined;
  const listen = async (given: Listener) => {
    listener = given;
    return () => undefined;
  };
  const feed = new NewsFeed({ listen } as unknown as TaskNews);
  const stream = new NewsStream();
  await feed.hearFor(stream);
  feed.join(stream, bounds, after);
  for (const news of [resultOf('9-0', 7), resultOf('10-0', 8), resultOf('10-1', 7)]) listener?.hear(news);
  await listener?.dealt?.();
  listener?.hear(resultOf('11-0', 7));
  await listener?.dealt?.();
  stream.end();
  const text = Buffer.concat(await stream.toArray()).toString();
  return [...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id as string);
}

test('a client hears everything that its bounds let it hear, behind what it has already', async () => {
  expect(await told(undefined, undefined)).toEqual(['9-0', '10-0', '10-1', '11-0']);
  expect(await told(undefined, '9-0')).toEqual(['10-0', '10-1', '11-0']);
  expect(await told(undefined, '10-1')).toEqual(['11-0']);
  expect(await told({ userId: 7 }, '9-0')).toEqual(['10-1', '11-0']);
});
