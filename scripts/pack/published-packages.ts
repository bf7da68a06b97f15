import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A package.json of ours. */
export interface Manifest {
  name: string;
  version: string;
  description: string;
  exports: Record<string, string>;
  private?: boolean;
  files?: string[];
  engines?: { node: string };
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

export interface PublishedPackage {
  /** Relative to the top of the repository, as `packages/client`. */
  folder: string;
  manifest: Manifest;
}

/** For the tests of this repository. */
const NOT_PUBLISHED = ['packages/testing', 'packages/fake-databricks'];

/** What is published: every package as it is, so that a file is found by the same name here and there. */
export function publishedPackages(): PublishedPackage[] {
  const folders = globSync('{packages,apps}/*/package.json').map(dirname).sort();
  return folders
    .filter((folder) => !NOT_PUBLISHED.includes(folder))
    .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as Manifest }));
}
