import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

/** Of our scripts: compiled in a package, TypeScript in the repository. */
const EXTENSION = extname(import.meta.filename);

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
  scope.get<{ Params: { '*': string } }>('/assets/*', { config: { open: true } }, async (request, reply) => {
    const file = request.params['*'];
    // The names hold no versions: a browser keeps the files, and asks by etag whether they are still valid.
    reply.header('cache-control', 'no-cache');
    const script = EXTENSION === '.ts' ? (await stripped()).get(file) : undefined;
    if (script === undefined) return reply.sendFile(file);
    const etag = `"${createHash('sha1').update(script).digest('base64url')}"`;
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    return reply.header('etag', etag).type('text/javascript; charset=utf-8').send(script);
  });
}

let scripts: Promise<ReadonlyMap<string, string>> | undefined;

/** All scripts without their types, by address. Made once, in a thread: what does so takes 30 MB, and gives them back. */
function stripped(): Promise<ReadonlyMap<string, string>> {
  const files = globSync('*/*.ts', { cwd: FOLDER });
  const strip = async () => {
    // Node warns that it may do this in another way later on.
    const thread = new Worker(new URL('./strip-types.ts', import.meta.url), {
      workerData: files.map(read),
      stderr: true,
    });
    const [texts] = (await once(thread, 'message')) as [string[]];
    return new Map(files.map((file, index) => [file, texts[index] as string]));
  };
  scripts ??= strip();
  return scripts;
}

/** The page of a folder. Every file is named, so that none waits for another one to be read. */
function pageOf(folder: string, title: string): string {
  const styles = globSync(['shared/*.css', `${folder}/*.css`], { cwd: FOLDER }).sort(sharedFirst);
  const [main, ...modules] = modulesOf(`${folder}/main${EXTENSION}`);
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
  for (const [, imported] of read(file).matchAll(/^(?:import(?! type)|\}) .*'(\.[^']+\.[jt]s)';$/gm)) {
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
