import { escaped } from '../access/page.ts';
import { framed } from '../pages/pages.ts';

interface Operation {
  summary: string;
  description?: string;
  parameters?: { name: string; in: string; schema: object; description?: string }[];
  requestBody?: object;
  responses: Record<string, { description?: string; $ref?: string }>;
}

/**
 * The OpenAPI document as a page to read. Of our own: the usual viewers are a megabyte of script that wants inline styles, which
 * our pages do not allow.
 */
export function docsPage(document: object): string {
  const { info, paths, components } = document as {
    info: { description: string };
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, object> };
  };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => sectionOf(`${method.toUpperCase()} ${path}`, operation)),
  );
  const schemas = Object.entries(components.schemas).map(([name, schema]) => details(name, schema));
  const main = [
    `<h1>HTTP API, version 1</h1><p>${escaped(info.description)} All paths begin with <code>/api/v1</code>;`,
    'for programs, the same is in <a href="/api/openapi.json">openapi.json</a>.</p>',
    ...operations,
    '<h2>Schemas</h2>',
    ...schemas,
  ];
  const assets = '<link rel="stylesheet" href="/assets/shared/base.css">';
  return framed({ title: 'HTTP API · taskwire', assets, main: main.join('\n') });
}

function sectionOf(title: string, { summary, description = '', parameters = [], requestBody, responses }: Operation) {
  const rows = parameters.map(
    ({ name, in: where, description: what = '' }) =>
      `<li><code>${escaped(name)}</code> (${escaped(where)}) ${escaped(what)}</li>`,
  );
  const byMeaning = Map.groupBy(Object.entries(responses), ([, { description: what = 'A problem' }]) => what);
  const answers = [...byMeaning].map(([what, those]) => {
    const statuses = those.map(([status]) => `<code>${escaped(status)}</code>`).join(', ');
    return `<li>${statuses} ${escaped(what)}</li>`;
  });
  return `<section><h2><code>${escaped(title)}</code></h2><p>${escaped(`${summary}. ${description}`)}</p>
<ul>${rows.join('')}</ul>${requestBody ? details('Body', requestBody) : ''}<ul>${answers.join('')}</ul></section>`;
}

function details(summary: string, value: object): string {
  const json = escaped(JSON.stringify(value, null, 2));
  return `<details><summary>${escaped(summary)}</summary><pre>${json}</pre></details>`;
}
