import fastify from 'fastify';

/** Reads a request and answers 202, as little as an HTTP API can do; says its port on standard output. */
const server = fastify();
server.post('/', async (_request, reply) => reply.code(202).send({ task_id: 'none' }));
await server.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`${(server.server.address() as { port: number }).port}\n`);
