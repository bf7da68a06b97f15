import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { startStack } from '@taskwire/testing';
import { expect, inject, onTestFinished, test } from 'vitest';

/** A span as OTLP has it in JSON, as far as it is looked at here. */
interface Span {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
}

/** A collector that takes OTLP over HTTP. */
async function startCollector() {
  const spans: Span[] = [];
  const server = createServer(async (request, response) => {
    const { resourceSpans } = JSON.parse(await text(request));
    for (const { resource, scopeSpans } of resourceSpans) {
      const named = resource.attributes.find(({ key }: { key: string }) => key === 'service.name');
      for (const span of scopeSpans.flatMap((scope: { spans: Span[] }) => scope.spans)) {
        spans.push({ ...span, service: named.value.stringValue });
      }
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  return { spans, url: `http://127.0.0.1:${port}/v1/traces` };
}

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT_ID = '00f067aa0ba902b7';

test('a task is traced from its sender to its end, when traces are switched on', async () => {
  const { spans, url } = await startCollector();
  const env = { TASKWIRE_TELEMETRY_TRACES: 'true', TASKWIRE_TELEMETRY_TRACES_URL: url };
  await using stack = await startStack({
    redisUrl: inject('redisUrl'),
    services: ['processor', 'worker'],
    processes: ['processor', 'worker'],
    env,
  });
  const request = { task_type: 'reverse_string', parameters: { text: 'abc' } };
  await stack.publish({ ...request, task_id: 'traced', traceparent: `00-${TRACE_ID}-${PARENT_ID}-01` });
  await stack.publish({ ...request, task_id: 'other' });
  await Promise.all([stack.result('traced'), stack.result('other')]);
  // What is left is sent when a service stops.
  await Promise.all(stack.services.map((service) => service.stop()));

  const traced = spans.filter(({ traceId }) => traceId === TRACE_ID);
  const accept = traced.find(({ name }) => name === 'accept reverse_string');
  expect(accept).toMatchObject({ service: 'taskwire-processor', parentSpanId: PARENT_ID });
  const run = traced.find(({ name }) => name === 'process default');
  expect(run).toMatchObject({ service: 'taskwire-worker', parentSpanId: accept?.spanId });
  const others = spans.filter(({ name }) => name === 'accept reverse_string' || name === 'process default');
  expect(new Set(others.map(({ traceId }) => traceId)).size).toBe(2);
});

test('a request with a broken traceparent is refused by the name of the field', async () => {
  await using stack = await startStack({ redisUrl: inject('redisUrl'), services: ['processor'] });
  await stack.publish({ task_id: 't', task_type: 'reverse_string', parameters: { text: 'a' }, traceparent: '00-abc' });
  expect(await stack.result('t')).toMatchObject({
    error_code: 'invalid_message',
    error_details: [{ path: 'traceparent', message: expect.stringContaining('W3C Trace Context') }],
  });
});
