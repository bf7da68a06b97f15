import { cpSync, existsSync, globSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { BUILD } from './compile.ts';
import type { Manifest, PublishedPackage } from './published-packages.ts';

/** Further files from the top of the repository. */
const FROM_TOP: Readonly<Record<string, readonly string[]>> = {
  taskwire: ['config.schema.json', 'CHANGELOG.md', 'monitoring'],
};

/** Makes of what was compiled a folder as it is published: `dist`, what is no TypeScript, package.json. */
export function stage({ folder, manifest }: PublishedPackage): void {
  const target = join(BUILD, folder);
  const dist = join(target, 'dist');
  renameSync(join(target, 'src'), dist);
  cpSync(`${folder}/src`, dist, { recursive: true, filter: isCopied });
  for (const map of globSync(`${dist}/**/*.map`)) pointToSource(map, dist);
  for (const file of ['bin', 'templates', 'README.md']) copy(join(folder, file), join(target, file));
  for (const file of ['LICENSE', ...(FROM_TOP[manifest.name] ?? [])]) copy(file, join(target, file));
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(publishedManifest(manifest, target), null, 2)}\n`);
}

/** Folders, and what `tsc` does not compile: scripts of Redis, pages, declarations that are written by hand. */
function isCopied(path: string): boolean {
  return /\.d\.ts$/.test(path) || !/\.ts$|tsconfig\.json$/.test(path);
}

function copy(from: string, to: string): void {
  if (existsSync(from)) cpSync(from, to, { recursive: true });
}

/** The sources are not published: a place in a stack trace names their file in the repository. */
function pointToSource(map: string, dist: string): void {
  const name = relative(dist, map).replace(/js\.map$/, 'ts');
  const up = '../'.repeat(name.split('/').length);
  const content = JSON.parse(readFileSync(map, 'utf8'));
  writeFileSync(map, JSON.stringify({ ...content, sources: [`${up}src/${name}`] }));
}

function publishedManifest(manifest: Manifest, target: string): object {
  const { private: _private, devDependencies: _devDependencies, exports, ...rest } = manifest;
  const entries = Object.entries(exports).map(([name, file]) => [name, compiled(file)] as const);
  const present = entries.filter(([, file]) =>
    existsSync(join(target, typeof file === 'string' ? file : file.default)),
  );
  return { engines: { node: '>=24' }, files: ['dist'], ...rest, exports: Object.fromEntries(present) };
}

function compiled(file: string) {
  const [, name] = /^\.\/src\/(.*)\.ts$/.exec(file) ?? [];
  return name === undefined ? file : { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` };
}
