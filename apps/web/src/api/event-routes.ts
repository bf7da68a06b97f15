import type { ResultsStream } from '@taskwire/store';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Bounds, whyOutside } from '../access/bounds.ts';
import { isAfter, isEntryId, NO_ENTRY } from './entry-id.ts';
import { NewsFeed } from './news-feed.ts';
import { chunkOf, chunkOfNews, type NewsStream, sendStream } from './news-stream.ts';
import { openStreams } from './open-streams.ts';
import { invalidField } from './problem.ts';
import { type News, newsIn, type TaskNews } from './task-news.ts';
import type { TaskReader } from './task-reader.ts';
import { documentOf, knownTask, type OfTask } from './task-routes.ts';

export interface EventRoutesOptions {
  reader: TaskReader;
  news: TaskNews;
  results: ResultsStream;
  isStillWelcome: (request: FastifyRequest) => Promise<boolean>;
}

const PORTION = 100;

/** `GET /tasks/{id}/events` and `GET /events`: server-sent events. */
export function registerEvents(scope: FastifyInstance, options: EventRoutesOptions): void {
  const { reader, news, results, isStillWelcome } = options;
  const feed = new NewsFeed(news);
  const openStream = openStreams(scope, isStillWelcome);

  // A HEAD request, which Fastify would answer with the same handler, would never end.
  const how = { exposeHeadRoute: false, config: { bounded: true } };
  const bySignature = { ...how, config: { bounded: true, signed: true } };

  scope.get<OfTask>('/tasks/:taskId/events', bySignature, async (request, reply) => {
    // Only its result has an id: who has heard that is told, as browsers understand it, not to come again.
    if (request.headers['last-event-id']) return reply.code(204).send();
    const { taskId } = request.params;
    await knownTask(reader, request);
    const stream = openStream(request);
    const tellWhereItIs = async () => {
      const task = await knownTask(reader, request);
      stream.send(chunkOf('task', documentOf(task, request)));
      if (task.result !== null) stream.end(chunkOf('result', task.result, NO_ENTRY));
    };
    const tell = (one: News) => {
      if (one.kind === 'event') stream.send(chunkOfNews(one));
      else stream.end(chunkOfNews(one.id === undefined ? { ...one, id: NO_ENTRY } : one));
    };
    // News are held back until what came before is told.
    const held: News[] = [];
    let hear = (one: News): void => void held.push(one);
    const missed = () => void tellWhereItIs().catch(() => stream.destroy());
    await endingWithFault(stream, async () => {
      const stop = await news.listen({ taskId, events: true, hear: (one) => hear(one), missed });
      stream.once('close', stop);
      await tellWhereItIs();
      hear = tell;
      held.forEach(tell);
    });
    return sendStream(reply, stream);
  });

  scope.get('/events', how, async (request, reply) => {
    const after = lastEventId(request);
    const stream = openStream(request);
    await endingWithFault(stream, () => feed.hearFor(stream));
    const bounds = request.visitor?.bounds;
    if (after === undefined) feed.join(stream, bounds);
    // Whoever it was comes again, with the id of the last result that was told.
    else void replay(stream, bounds, after).catch(() => stream.destroy());
    return sendStream(reply, stream);
  });

  /** Tells the results behind an entry, first that some may be missing if so, and then goes on with what comes. */
  async function replay(stream: NewsStream, bounds: Bounds | undefined, after: string): Promise<void> {
    const { first, last: newest } = await results.ends();
    // Redis has lost what came later, or never had it.
    const isAhead = isAfter(after, newest);
    if (isAhead || isAfter(first, after)) stream.send(chunkOf('gap', JSON.stringify({ after, first })));
    for (let last = isAhead ? newest : after; !stream.destroyed; ) {
      const dealt = news.last;
      const entries = await results.after(last, PORTION);
      for (const { id, message = '' } of entries) {
        last = id;
        const one = newsIn('result', message, id);
        if (one && whyOutside(bounds, one) === undefined) stream.send(chunkOfNews(one));
        await stream.taken();
      }
      // What was dealt meanwhile is read first.
      const isThere = entries.length < PORTION && (news.last === dealt || !isAfter(news.last, last));
      if (isThere) return feed.join(stream, bounds, last);
    }
  }
}

async function endingWithFault(stream: NewsStream, begin: () => Promise<void>): Promise<void> {
  try {
    await begin();
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

/** @throws Problem */
function lastEventId({ headers }: FastifyRequest): string | undefined {
  const id = headers['last-event-id'];
  if (id === undefined || id === '') return undefined;
  if (typeof id === 'string' && isEntryId(id)) return id;
  throw invalidField('Last-Event-ID', 'must be the id of an event that you have got');
}
