import type { ResultsStream } from '@taskwire/store';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { whyOutside } from '../access/bounds.ts';
import { chunkOf, chunkOfNews, NewsStream, sendStream } from './news-stream.ts';
import { invalidField } from './problem.ts';
import { type Listener, type News, parsedNews, type TaskNews, taskIdIn } from './task-news.ts';
import type { TaskReader } from './task-reader.ts';
import { documentOf, knownTask, type OfTask } from './task-routes.ts';

export interface EventRoutesOptions {
  reader: TaskReader;
  news: TaskNews;
  results: ResultsStream;
  isStillWelcome: (request: FastifyRequest) => Promise<boolean>;
}

interface OpenStream {
  stream: NewsStream;
  /** Tells what was held back, and what comes from now on. */
  goOn: (tell: (news: News) => void) => void;
  /** Drops what was held back: it is in the results stream, which is read on. */
  forget: () => void;
}

const TICK_MS = 15_000;

/** The id of a result whose entry of the stream is not known. */
const NO_ENTRY = '0-0';
const ENTRY_ID = /^\d{1,20}-\d{1,20}$/;
const PORTION = 100;

/** `GET /tasks/{id}/events` and `GET /events`: server-sent events. */
export function registerEvents(scope: FastifyInstance, options: EventRoutesOptions): void {
  const { reader, news, results, isStillWelcome } = options;
  const open = new Map<NewsStream, FastifyRequest>();
  const look = async (stream: NewsStream, request: FastifyRequest) => {
    stream.keepAlive();
    // An unknown answer, as when Redis is away, does not end it.
    if (!(await isStillWelcome(request).catch(() => true))) stream.end();
  };
  const tick = setInterval(() => {
    for (const [stream, request] of open) void look(stream, request);
  }, TICK_MS);
  scope.addHook('preClose', async () => {
    clearInterval(tick);
    for (const stream of open.keys()) stream.end();
  });

  /** Opens a stream that hears news; they are held back until what came before is told. */
  async function openStream(request: FastifyRequest, listener: Omit<Listener, 'hear'>): Promise<OpenStream> {
    const stream = new NewsStream();
    const held: News[] = [];
    let hear = (one: News): unknown => held.push(one);
    const stop = await news.listen({ ...listener, events: true, hear: (one) => void hear(one) });
    open.set(stream, request);
    stream.once('close', () => {
      open.delete(stream);
      stop();
    });
    const goOn: OpenStream['goOn'] = (tell) => {
      hear = tell;
      held.forEach(tell);
    };
    const forget = () => void held.splice(0);
    return { stream, goOn, forget };
  }

  // A HEAD request, which Fastify would answer with the same handler, would never end.
  const how = { exposeHeadRoute: false, config: { bounded: true } };
  const bySignature = { ...how, config: { bounded: true, signed: true } };

  scope.get<OfTask>('/tasks/:taskId/events', bySignature, async (request, reply) => {
    // Only its result has an id: who has heard that is told, as browsers understand it, not to come again.
    if (request.headers['last-event-id']) return reply.code(204).send();
    const { taskId } = request.params;
    await knownTask(reader, request);
    const tellWhereItIs = async () => {
      const task = await knownTask(reader, request);
      stream.send(chunkOf('task', documentOf(task, request)));
      if (task.result !== null) endWith({ kind: 'result', taskId, message: task.result });
    };
    const endWith = (result: News) => {
      stream.end(chunkOfNews({ id: NO_ENTRY, ...result }));
    };
    const missed = () => void tellWhereItIs().catch(() => stream.destroy());
    const { stream, goOn } = await openStream(request, { taskId, missed });
    await endingWithFault(stream, async () => {
      await tellWhereItIs();
      goOn((one) => (one.kind === 'result' ? endWith(one) : stream.send(chunkOfNews(one))));
    });
    return sendStream(reply, stream);
  });

  scope.get('/events', how, async (request, reply) => {
    const after = lastEventId(request);
    const opened = await openStream(request, {});
    const { stream, goOn } = opened;
    let last = after;
    const tell = (one: News) => {
      if (one.id !== undefined && last !== undefined && !isAfter(one.id, last)) return;
      last = one.id ?? last;
      if (isVisible(one, request)) stream.send(chunkOfNews(one));
    };
    if (after === undefined) goOn(tell);
    else void endingWithFault(stream, () => replay(opened, after, tell).then(() => goOn(tell)));
    return sendStream(reply, stream);
  });

  /** Tells the results behind an entry; and first, if older ones than the next are gone, that some may be missing. */
  async function replay({ stream, forget }: OpenStream, after: string, tell: (one: News) => void): Promise<void> {
    const { first } = await results.ends();
    if (isAfter(first, after)) stream.send(chunkOf('gap', JSON.stringify({ after, first })));
    for (let last = after; !stream.destroyed; ) {
      const entries = await results.after(last, PORTION);
      if (entries.length === 0) return;
      for (const { id, message } of entries) {
        last = id;
        const taskId = taskIdIn(message ?? '');
        if (message && taskId) tell({ kind: 'result', taskId, message, id });
        await stream.taken();
        forget();
      }
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
  if (typeof id === 'string' && ENTRY_ID.test(id)) return id;
  throw invalidField('Last-Event-ID', 'must be the id of an event that you have got');
}

/** Whether an entry of the stream comes after another one. */
function isAfter(id: string, other: string): boolean {
  const [time, number] = partsOf(id);
  const [otherTime, otherNumber] = partsOf(other);
  return time > otherTime || (time === otherTime && number > otherNumber);
}

function partsOf(id: string): [bigint, bigint] {
  const [time = '0', number = '0'] = id.split('-');
  return [BigInt(time), BigInt(number)];
}

/** Whether who listens may know of it. */
function isVisible({ message }: News, { visitor }: FastifyRequest): boolean {
  if (!visitor?.bounds) return true;
  const { task_type = null, user_id = null } = parsedNews(message);
  return whyOutside(visitor.bounds, { task_type, user_id }) === undefined;
}
