import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, startApi } from './api-server.ts';

let api: ApiServer;
let origin: string;

beforeAll(async () => {
  api = await startApi({ services: ['web'] });
  origin = new URL(api.url).origin;
});

afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
});

test('the OpenAPI document is valid, and has every route', async () => {
  const document = (await (await fetch(`${origin}/api/openapi.json`)).json()) as Record<string, unknown>;
  expect(await new Validator().validate(document)).toEqual({ valid: true });
  const { paths } = document as { paths: Record<string, Record<string, object>> };
  const told = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(told).toEqual(
    expect.arrayContaining([
      'POST /tasks',
      'GET /tasks/{taskId}',
      'DELETE /tasks/{taskId}',
      'GET /tasks/{taskId}/result',
      'GET /tasks/{taskId}/events',
      'GET /tasks/{taskId}/file',
      'POST /tasks/{taskId}/retry',
      'GET /events',
      'GET /task-types',
    ]),
  );
  // What it tells of each path is what the path allows.
  for (const [path, methods] of Object.entries(paths)) {
    const { headers } = await api.ask('PATCH', path.replace('{taskId}', 'a'));
    const allowed = headers
      .get('allow')
      ?.split(', ')
      .filter((method) => method !== 'HEAD');
    expect(
      Object.keys(methods)
        .map((method) => method.toUpperCase())
        .toSorted(),
    ).toEqual(allowed?.toSorted());
  }
});

test('the documentation can be read without anything from elsewhere', async () => {
  const answer = await fetch(`${origin}/api/docs`);
  const html = await answer.text();
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  for (const path of ['POST /tasks', 'GET /tasks/{taskId}/events', 'Idempotency-Key']) expect(html).toContain(path);
  expect(html).toContain('<code>400</code>, <code>401</code>, <code>403</code>, <code>503</code> A problem');
  const loaded = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address as string);
  expect(loaded.filter((address) => !/^[/#](?!\/)/.test(address))).toEqual([]);
  expect(html).not.toMatch(/<script|style=|<style|\son\w+=/);
});
