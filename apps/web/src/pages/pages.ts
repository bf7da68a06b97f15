import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

/** Address → folder of the page, and its title until its script knows a better one. */
const PAGES = [
  { path: '/', folder: 'overview', title: 'taskwire' },
  { path: '/tasks', folder: 'tasks', title: 'Tasks · taskwire' },
  // Not `:id`: the router allows a parameter fewer characters than an id may have.
  { path: '/tasks/*', folder: 'task', title: 'Task · taskwire' },
  { path: '/sql', folder: 'sql', title: 'SQL · taskwire' },
] as const;

/** The pages, and their style sheets, scripts and pictures. */
export async function registerPages(scope: FastifyInstance): Promise<void> {
  await scope.register(fastifyStatic, {
    root: FOLDER,
    serve: false,
    index: false,
    cacheControl: false,
    allowedPath: (path) => /^\/?\w+\/[\w-]+\.(js|css|svg)$/.test(path),
  });
  for (const { path, folder, title } of PAGES) {
    const html = pageOf(folder, title).replace(`<a href="${path.replace('/*', '')}"`, '$& aria-current="page"');
    scope.get(path, (_request, reply) => reply.type('text/html; charset=utf-8').send(html));
  }
  // Open, as they hold nothing secret and the login page may want the same look.
  scope.get<{ Params: { '*': string } }>('/assets/*', { config: { open: true } }, (request, reply) => {
    // The names hold no versions: a browser keeps the files, and asks by etag whether they are still valid.
    reply.header('cache-control', 'no-cache');
    return reply.sendFile(request.params['*']);
  });
}

/** The page of a folder. Every file is named, so that none waits for another one to be read. */
function pageOf(folder: string, title: string): string {
  const styles = globSync(['shared/*.css', `${folder}/*.css`], { cwd: FOLDER }).sort(sharedFirst);
  const [main, ...modules] = modulesOf(`${folder}/main.js`);
  const assets = [
    ...styles.map((file) => `<link rel="stylesheet" href="/assets/${file}">`),
    ...modules.map((file) => `<link rel="modulepreload" href="/assets/${file}">`),
    `<script type="module" src="/assets/${main}"></script>`,
  ];
  return framed({ title, assets: assets.join('\n    '), main: read(`${folder}/main.html`) });
}

/** The frame of all pages, filled. All parts are HTML. */
export function framed(parts: { title: string; assets: string; main: string }): string {
  return read('shared/frame.html').replace(/\{(title|assets|main)\}/g, (_, name: keyof typeof parts) => parts[name]);
}

/** A module and all that it imports. */
function modulesOf(file: string, known: string[] = []): string[] {
  if (known.includes(file)) return known;
  known.push(file);
  for (const [, imported] of read(file).matchAll(/^(?:import|\}) .*'(\.[^']+\.js)';$/gm)) {
    modulesOf(join(file, '..', imported as string), known);
  }
  return known;
}

function read(file: string): string {
  return readFileSync(join(FOLDER, file), 'utf8');
}

function sharedFirst(a: string, b: string): number {
  return Number(b.startsWith('shared/')) - Number(a.startsWith('shared/')) || a.localeCompare(b);
}
