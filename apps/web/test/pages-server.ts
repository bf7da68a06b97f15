import type { FastifyInstance, FastifyReply } from 'fastify';
import { chunkOf, NewsStream } from '../src/api/news-stream.ts';
import type { TaskDocument, TaskPage } from '../src/api/task-document.ts';
import { type OverviewServer, type OverviewServerOptions, startOverview } from './overview-server.ts';

export interface PagesServer {
  overview: OverviewServer;
  /** Tasks by id; a text goes out as it is. */
  tasks: Map<string, TaskDocument | string>;
  /** What a search finds, by its query. */
  found: (query: Record<string, string>) => Partial<TaskPage>;
  /** Instead of all answers of the API. */
  trouble: { status: number; body: object } | undefined;
  /** What pages asked for with another method than GET: `POST /api/v1/tasks` and so on, with the body. */
  asked: { what: string; body: unknown }[];
  /** What is in the file of every task. */
  file: string;
  /** What POST of a bulk action answers. */
  action: object;
  /** Says to the open pages that something has happened. */
  tell(event: string): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The pages, with an HTTP API that tells what a test says. */
export async function startPages(options: Omit<OverviewServerOptions, 'prepare'> = {}): Promise<PagesServer> {
  const streams = new Set<NewsStream>();
  const overview = await startOverview({ ...options, prepare });
  const started: PagesServer = {
    overview,
    tasks: new Map(),
    found: () => ({ tasks: [], cursor: null, looked_back_to: null }),
    trouble: undefined,
    asked: [],
    file: '',
    action: {},
    tell: (event) => {
      for (const stream of streams) stream.send(chunkOf(event, '{}'));
    },
    async [Symbol.asyncDispose]() {
      for (const stream of streams) stream.end();
      await overview[Symbol.asyncDispose]();
    },
  };
  return started;

  function prepare(server: FastifyInstance): void {
    const inTrouble = (reply: FastifyReply) =>
      started.trouble && reply.code(started.trouble.status).send(started.trouble.body);
    server.addHook('onRequest', async (request, reply) => {
      request.visitor = { name: 'ada', role: 'operator' };
      if (request.url.startsWith('/api/v1') && started.trouble) return inTrouble(reply);
    });
    server.addHook('preHandler', async ({ method, url, body }) => {
      if (method !== 'GET') started.asked.push({ what: `${method} ${url}`, body });
    });
    server.get<{ Params: { id: string } }>('/api/v1/tasks/:id', async ({ params }, reply) => {
      const task = started.tasks.get(params.id);
      const problem = { title: 'Not found', status: 404, detail: 'No such task', error_code: 'unknown_task' };
      if (!task) return reply.code(404).type('application/problem+json').send(JSON.stringify(problem));
      return reply.type('application/json').send(typeof task === 'string' ? task : JSON.stringify(task));
    });
    server.get('/api/v1/tasks/:id/file', async (_request, reply) =>
      reply.type('application/x-ndjson').send(started.file),
    );
    server.get('/api/v1/tasks/:id/events', { exposeHeadRoute: false }, (_request, reply) => {
      const stream = new NewsStream();
      streams.add(stream);
      stream.once('close', () => streams.delete(stream));
      return reply.type('text/event-stream').send(stream);
    });
    server.get('/api/v1/tasks', async ({ query }): Promise<TaskPage> => {
      const found = started.found(query as Record<string, string>);
      return { tasks: [], cursor: null, looked_back_to: null, ...found };
    });
    server.get('/api/v1/task-types', async () => [{ type: 'send_letter' }, { type: 'sql_query' }]);
    server.delete('/api/v1/tasks/:id', async (_request, reply) => reply.code(202).send({}));
    server.post('/api/v1/tasks/:id/retry', async (_request, reply) => reply.code(202).send({}));
    server.post('/api/v1/tasks', async (_request, reply) =>
      reply.code(202).header('location', '/api/v1/tasks/new-1').send({ task_id: 'new-1' }),
    );
    server.post('/api/v1/task-actions', async () => started.action);
  }
}
