import { EventEmitter, once } from 'node:events';
import type { History } from '@taskwire/history';
import type { TaskQueue } from '@taskwire/queue';
import { openConnection, type ServiceContext } from '@taskwire/service';
import { ResultsStream, TaskStore } from '@taskwire/store';
import { type CatalogueEntry, catalogueOf } from '@taskwire/tasks';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Redis } from 'ioredis';
import { registerMcp } from '../mcp/mcp.ts';
import { prepareScope } from './api-scope.ts';
import { docsPage } from './docs-page.ts';
import { registerEvents } from './event-routes.ts';
import { registerFile } from './file-route.ts';
import { createFindTasks } from './find-tasks.ts';
import { inTime } from './in-time.ts';
import { createHttpIntake } from './intake.ts';
import { openApiDocument } from './openapi.ts';
import { pastOf } from './past-task.ts';
import { API_PATH } from './problem.ts';
import { registerSearch } from './search-routes.ts';
import { SubmitAudit } from './submit-audit.ts';
import { createSubmitLimit } from './submit-limit.ts';
import { registerSubmit } from './submit-route.ts';
import { type Audit, createTaskControl } from './task-control.ts';
import { TaskNews } from './task-news.ts';
import { TaskReader } from './task-reader.ts';
import { registerTask } from './task-routes.ts';
import { refuseUnknownRoutes } from './unknown-routes.ts';
import { createWaitForResult } from './wait-for-result.ts';

/** How long the last answers may take, once nothing more is waited for. */
const LAST_ANSWERS_MS = 1000;

export interface ApiOptions extends ServiceContext {
  queues: ReadonlyMap<string, TaskQueue>;
  /** The connection of the queues: commands fail while Redis is away. */
  redis: Redis;
  /** Whether a visitor may still listen, for streams of events. */
  isStillWelcome: (request: FastifyRequest) => Promise<boolean>;
  /** Tasks that Redis no longer knows, and who did what. */
  history: History;
}

/** The HTTP API. Closing the server ends what waits, and brings what was submitted to its queues. */
export async function registerApi(server: FastifyInstance, options: ApiOptions): Promise<void> {
  const { config, registry, queues, redis, history, isStillWelcome } = options;
  const store = new TaskStore({ redis, config });
  const results = new ResultsStream({ redis, config });
  const intake = await createHttpIntake(options);
  const news = new TaskNews({ subscriber: openConnection(options, 'subscriber'), results, config });
  const stopping = new AbortController();
  const reader = new TaskReader({ store, queues, registry, past: pastOf(history) });
  const waitForResult = createWaitForResult({ store, news, stopping: stopping.signal });
  const audit: Audit = (entry) => history.audit(entry);
  const submitAudit = new SubmitAudit(audit);
  const control = createTaskControl({ intake, reader, store, registry, audit });
  const limit = createSubmitLimit();

  const find = createFindTasks({ queues, store, registry, history });
  // Made when somebody asks.
  let entries: CatalogueEntry[] | undefined;
  const catalogue = () => (entries ??= catalogueOf(registry));
  let routes: ReturnType<ReturnType<typeof refuseUnknownRoutes>>;
  let kept: ReturnType<typeof openApiDocument> | undefined;
  const document = () => (kept ??= openApiDocument(routes));
  await server.register(
    async (scope) => {
      prepareScope(scope, options);
      const answered = new EventEmitter();
      let open = 0;
      const closed = () => {
        open -= 1;
        if (open === 0) answered.emit('all');
      };
      scope.addHook('onRequest', (_request, reply, done) => {
        open += 1;
        reply.raw.on('close', closed);
        done();
      });
      scope.addHook('preClose', async () => {
        stopping.abort();
        await intake[Symbol.asyncDispose]();
        submitAudit[Symbol.dispose]();
        if (open > 0) await inTime(once(answered, 'all'), LAST_ANSWERS_MS);
        news[Symbol.dispose]();
      });
      const refuseOtherMethods = refuseUnknownRoutes(scope);
      registerSubmit(scope, { config, registry, intake, waitForResult, audit: submitAudit, limit });
      registerTask(scope, { reader, control, waitForResult });
      registerEvents(scope, { reader, news, results, isStillWelcome });
      const forgetting = { keyPrefix: config.redis.key_prefix, resultsDirectory: config.results.directory };
      registerSearch(scope, { queues, store, history, control, redis, find, ...forgetting });
      await registerFile(scope, { reader, directory: config.results.directory });
      scope.get('/task-types', { config: { bounded: true } }, async ({ visitor }) => {
        const { taskTypes } = visitor?.bounds ?? {};
        return catalogue().filter(({ type }) => !taskTypes || taskTypes.includes(type));
      });
      routes = refuseOtherMethods();
    },
    { prefix: API_PATH },
  );
  const forAll = { config: { bounded: true } };
  server.get('/api/openapi.json', forAll, async () => document());
  server.get('/api/docs', forAll, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(docsPage(document())),
  );
  if (config.mcp.enabled) {
    const asked = { reader, control, intake, waitForResult, find, catalogue, audit: submitAudit, limit };
    await registerMcp(server, { ...options, ...asked });
  }
}
