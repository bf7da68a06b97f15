import { randomUUID } from 'node:crypto';
import { globSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join, resolve } from 'node:path';
import { createPackageFromTarballData } from '@arethetypeswrong/core';
import { output } from './npm.ts';

/** An npm registry on this machine. */
export interface LocalRegistry extends AsyncDisposable {
  /** For npm, of which nothing comes from a cache but what others have published. */
  env: Record<string, string>;
}

/**
 * Has what `npm run pack` has made, as if it had been published; for all else it leads to the registry of npm's settings.
 *
 * @param folder of the tarballs
 * @param home a folder of the test
 */
export async function startRegistry(folder: string, home: string): Promise<LocalRegistry> {
  const upstream = (await output(folder, ['npm', 'config', 'get', 'registry'])).trim();
  const cache = (await output(folder, ['npm', 'config', 'get', 'cache'])).trim();
  // What npx has installed there may be ours, of another time; so may be what came from this port.
  mkdirSync(join(home, 'cache'));
  symlinkSync(join(cache, '_cacache'), join(home, 'cache', '_cacache'));
  const prefix = `/${randomUUID()}`;
  const tarballs = new Map(globSync(resolve(folder, '*.tgz')).map((file) => [`/${basename(file)}`, file]));
  const packages = new Map([...tarballs].map(([path, file]) => [path, manifestOf(file)]));
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '').replace(prefix, '');
    const tarball = tarballs.get(path);
    if (tarball !== undefined) return void response.end(readFileSync(tarball));
    const [file, manifest] = [...packages].find(([, { name }]) => `/${name}` === path) ?? [];
    if (manifest === undefined) return void response.writeHead(302, { location: new URL(path, upstream).href }).end();
    const version = { ...manifest, dist: { tarball: `http://${request.headers.host}${prefix}${file}` } };
    const { name } = manifest;
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ name, 'dist-tags': { latest: version.version }, versions: { [version.version]: version } }),
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    env: {
      npm_config_registry: `http://127.0.0.1:${port}${prefix}/`,
      npm_config_cache: join(home, 'cache'),
      npm_config_prefer_offline: 'true',
      npm_config_yes: 'true',
      // The lockfile leads whoever installs by it here, too.
      npm_config_omit_lockfile_registry_resolved: 'false',
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function manifestOf(tarball: string): { name: string; version: string } {
  const unpacked = createPackageFromTarballData(new Uint8Array(readFileSync(tarball)));
  return JSON.parse(unpacked.readFile(`/node_modules/${unpacked.packageName}/package.json`));
}
