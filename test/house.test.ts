import { execFile } from 'node:child_process';
import { cp, glob, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

const offences = [
  // Inner files of another package, by name and by relative path.
  importing('@taskwire/protocol/src/names.ts', 'packages/config/src/a.ts', 'Import another package by its name'),
  importing('../../protocol/src/names.ts', 'packages/config/src/b.ts', 'Import another package by its name'),
  importing('../../../packages/redis/src/connect.ts', 'apps/worker/src/a.ts', 'Import another package by its name'),
  importing('../../processor/src/main.ts', 'apps/worker/src/b.ts', 'Import another package by its name'),
  importing('../packages/protocol/src/names.ts', 'scripts/a.ts', 'Import another package by its name'),
  importing('../packages/protocol/src/names.ts', 'test/a.test.ts', 'Import another package by its name'),
  importing('@taskwire/redis/src/connect.ts', 'test/b.test.ts', 'Import another package by its name'),
  importing(
    '../../../redis/src/connect.ts',
    'packages/client/test/deep/a.test.ts',
    'Import another package by its name',
  ),
  // Apps, from anywhere.
  importing('@taskwire/processor', 'apps/cli/src/a.ts', 'Nothing imports an app'),
  importing('@taskwire/web', 'apps/cli/src/b.ts', 'Nothing imports an app'),
  importing('@taskwire/worker', 'packages/queue/src/a.ts', 'Nothing imports an app'),
  // What a package.json does not name: so the order of the layers there holds for every import.
  ...[
    ['@taskwire/testing', 'apps/worker'],
    ['@taskwire/store', 'packages/redis'],
    ['bullmq', 'apps/web'],
    ['ioredis', 'packages/execution'],
    ['pg', 'apps/sql-worker'],
    ['pino', 'packages/redis'],
  ].map(([specifier, folder], index) => ({
    file: `${folder}/src/undeclared-${index}.ts`,
    source: `import '${specifier}';\n`,
    rule: 'noUndeclaredDependencies',
    message: `isn't specified in ${folder}/package.json`,
  })),
  {
    file: 'packages/redis/src/cycle-a.ts',
    source: `import { b } from './cycle-b.ts';\nexport const a = () => b;\n`,
    rule: 'noImportCycles',
    message: 'part of a cycle',
  },
  {
    file: 'packages/redis/src/cycle-b.ts',
    source: `import { a } from './cycle-a.ts';\nexport const b = () => a;\n`,
    rule: 'noImportCycles',
    message: 'part of a cycle',
  },
  {
    file: 'packages/redis/src/cycle-of-types-a.ts',
    source: `import type { B } from './cycle-of-types-b.ts';\nexport type A = B | undefined;\n`,
    rule: 'noImportCycles',
    message: 'part of a cycle',
  },
  {
    file: 'packages/redis/src/cycle-of-types-b.ts',
    source: `import type { A } from './cycle-of-types-a.ts';\nexport type B = A | null;\n`,
    rule: 'noImportCycles',
    message: 'part of a cycle',
  },
  {
    file: 'packages/redis/src/b.ts',
    source: `export { fine } from './fine';\n`,
    rule: 'useImportExtensions',
    message: 'Add a file extension',
  },
  ...['packages/redis/src/c.ts', 'apps/worker/src/d.ts', 'scripts/b.ts', 'test/c.test.ts'].map((file) => ({
    file,
    source: `export const home = process.env.HOME;\n`,
    rule: 'noProcessEnv',
    message: `Don't use process.env`,
  })),
  {
    file: 'packages/redis/src/d.ts',
    source: `import { env } from 'node:process';\nexport const home = env.HOME;\n`,
    rule: 'noProcessEnv',
    message: `Don't use process.env`,
  },
  {
    file: 'packages/redis/src/e.ts',
    source: `import { fine } from './fine.ts';\nfine();\n`,
    rule: 'noFloatingPromises',
    message: 'not properly handled',
  },
  { file: 'packages/redis/src/f.ts', source: `export enum Colour {\n  Red,\n}\n`, rule: 'noEnum', message: 'enum' },
  {
    file: 'packages/redis/src/g.ts',
    source: `export class Point {\n  constructor(public readonly x: number) {}\n}\n`,
    rule: 'noParameterProperties',
    message: 'class property',
  },
];

const fine = {
  'packages/redis/src/fine.ts': `import { names } from '@taskwire/config';\nexport async function fine() {\n  return names;\n}\n`,
  'packages/redis/src/deep/fine.ts': `export { fine } from '../fine.ts';\n`,
  'packages/redis/test/fine.test.ts': `import '@taskwire/testing';\nimport 'vitest';\nimport '../src/fine.ts';\n`,
  'packages/redis/test/deep/fine.test.ts': `import '../../src/fine.ts';\n`,
  'packages/sql/src/driver.ts': `import '@duckdb/node-api';\n`,
  'packages/sql/src/conformance/fine.ts': `import 'vitest';\n`,
  'packages/config/src/fine.ts': `export const home = process.env.HOME;\n`,
  'packages/testing/src/fine.ts': `export const url = process.env.TEST_REDIS_URL;\n`,
  'apps/sql-worker/src/fine.ts': `import '@taskwire/sql';\n`,
  'apps/sql-worker/test/fine.test.ts': `import '@taskwire/sql/conformance';\n`,
  'apps/cli/bin/fine.cjs': `import('../src/fine.ts').catch(() => {});\n`,
  'apps/cli/src/fine.ts': `export const main = import.meta.resolve('@taskwire/processor/main');\n`,
  'examples/fine.ts': `import '@taskwire/tasks';\nimport 'zod';\n`,
  'test/fine.test.ts': `import '@taskwire/testing';\nimport 'fast-check';\n`,
};

const findings = await lintEverything();

describe('the layers', () => {
  test('stand in the order of the house', async () => {
    expect(await faultsOfLayers({})).toBe('');
  });

  test.for([
    ['packages/redis', '@taskwire/store', 'move the code to a later package'],
    ['packages/execution', '@taskwire/queue', 'move the code to a later package'],
    ['packages/admission', '@taskwire/inbox', 'move the code to a later package'],
    ['packages/store', '@taskwire/testing', 'move the code to a later package'],
    ['apps/web', '@taskwire/testing', 'is for tests'],
    ['apps/web', 'bullmq', 'is known in packages/queue alone'],
    ['packages/admission', 'bullmq', 'is known in packages/queue alone'],
    ['packages/queue', 'pg', 'is known in packages/sql alone'],
  ])('%s may not depend on %s', async ([folder, dependency, message]) => {
    const faults = await faultsOfLayers({ [`${folder}/package.json`]: { dependencies: { [`${dependency}`]: '*' } } });
    expect(faults).toContain(`${folder}/package.json: ${dependency}`);
    expect(faults).toContain(message);
  });

  test('a new package needs a place among them', async () => {
    expect(await faultsOfLayers({ 'packages/utils/package.json': {} })).toContain('packages/utils has no place');
  });
});

test.for(offences)('$rule finds fault with $file and says what to do', ({ file, rule, message }) => {
  const ofThisRule = findings.filter((finding) => finding.file === file && finding.rule === rule);
  expect(ofThisRule.map((finding) => finding.message)).toContainEqual(expect.stringContaining(message));
});

test.for(Object.keys(fine))('nothing is wrong with %s', (file) => {
  expect(findings.filter((finding) => finding.file === file)).toEqual([]);
});

function importing(specifier: string, file: string, message: string) {
  return { file, source: `import '${specifier}';\n`, rule: 'noRestrictedImports', message };
}

/** What check-layers finds fault with, in a folder with our own package.json files and further ones. */
async function faultsOfLayers(manifests: Record<string, object>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'taskwire-layers-'));
  try {
    for await (const file of glob('{packages,apps}/*/package.json', { cwd: root })) {
      await cp(join(root, file), join(folder, file));
    }
    for (const [file, manifest] of Object.entries(manifests)) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), JSON.stringify(manifest));
    }
    const script = join(root, 'scripts/check-layers.ts');
    return await new Promise((resolve) => {
      execFile(process.execPath, [script], { cwd: folder }, (_, _output, faults) => resolve(faults));
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

type Finding = { file: string; rule: string; message: string };

/** Lints all the sources above in one run, in a folder with our own biome.json and package.json files. */
async function lintEverything(): Promise<Finding[]> {
  const folder = await mkdtemp(join(tmpdir(), 'taskwire-house-'));
  try {
    for await (const file of glob(['biome.json', 'package.json', '{packages,apps}/*/package.json'], { cwd: root })) {
      await cp(join(root, file), join(folder, file));
    }
    const sources = [...offences, ...Object.entries(fine).map(([file, source]) => ({ file, source }))];
    for (const { file, source } of sources) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), source);
    }
    return await lint(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function lint(folder: string): Promise<Finding[]> {
  const args = ['lint', '--reporter=json', '--max-diagnostics=none', '.'];
  const stdout = await new Promise<string>((resolve) => {
    execFile(join(root, 'node_modules/.bin/biome'), args, { cwd: folder }, (_, output) => resolve(output));
  });
  const report: { diagnostics: { category: string; message: string; location: { path: string } }[] } =
    JSON.parse(stdout);
  return report.diagnostics.map(({ category, message, location }) => ({
    file: location.path,
    rule: category.replace(/.*\//, ''),
    message,
  }));
}
