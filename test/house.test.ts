import { execFile } from 'node:child_process';
import { cp, glob, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What each package may import of ours (design, "The house"). */
const layers = {
  protocol: [],
  config: ['protocol'],
  inbox: ['protocol', 'config'],
  redis: ['protocol', 'config'],
  tasks: ['protocol', 'config'],
  monitoring: ['protocol', 'config', 'redis'],
  runtime: ['protocol', 'config', 'redis', 'tasks', 'monitoring'],
  sql: ['protocol', 'config', 'tasks'],
  client: ['protocol', 'config', 'redis'],
  testing: ['protocol', 'config', 'redis', 'client'],
};
const apps = ['@taskwire/processor', '@taskwire/worker', '@taskwire/sql-worker', '@taskwire/web', 'taskwire'];
const ours = [...Object.keys(layers).map((name) => `@taskwire/${name}`), ...apps];

const imports = Object.entries(layers).flatMap(([name, allowed]) =>
  ours
    .filter((imported) => imported !== `@taskwire/${name}`)
    .map((imported) => ({
      file: `packages/${name}/src/imports-${imported.replace('@taskwire/', '')}.ts`,
      source: `import '${imported}';\n`,
      allowed: allowed.some((other) => imported === `@taskwire/${other}`),
    })),
);

const offences = [
  // Inner files of another package, by name and by relative path.
  importing('@taskwire/protocol/src/names.ts', 'packages/config/src/a.ts', 'imports only @taskwire/protocol, by name'),
  importing('../../protocol/src/names.ts', 'packages/config/src/b.ts', 'imports only @taskwire/protocol, by name'),
  importing('../../../packages/protocol/index.ts', 'packages/config/src/c.ts', 'by name'),
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
  // What belongs into tests, and into packages/sql.
  importing(
    '@taskwire/testing',
    'apps/worker/src/c.ts',
    '@taskwire/testing and @taskwire/sql/conformance are for tests',
  ),
  importing('@taskwire/sql/conformance', 'apps/sql-worker/src/a.ts', 'are for tests'),
  ...['@duckdb/node-api', 'pg', 'pg-cursor', '@databricks/sql'].flatMap((driver, index) => [
    importing(driver, `apps/sql-worker/src/driver-${index}.ts`, 'database drivers for packages/sql'),
    importing(driver, `packages/runtime/src/driver-${index}.ts`, 'no database driver'),
  ]),
  {
    file: 'packages/protocol/src/d.ts',
    source: `export const redis = await import('@taskwire/redis');\n`,
    rule: 'noRestrictedImports',
    message: 'packages/protocol imports no other package',
  },
  // Everything else.
  {
    file: 'packages/redis/src/a.ts',
    source: `import pino from 'pino';\nexport const log = pino();\n`,
    rule: 'noUndeclaredDependencies',
    message: `isn't specified in packages/redis/package.json`,
  },
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
  'packages/redis/src/fine.ts': `import { names } from '@taskwire/protocol';\nexport async function fine() {\n  return names;\n}\n`,
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
  'apps/cli/src/fine.ts': `import '@taskwire/processor/main';\n`,
  'examples/fine.ts': `import '@taskwire/tasks';\nimport 'zod';\n`,
  'test/fine.test.ts': `import '@taskwire/testing';\nimport 'fast-check';\n`,
};

const findings = await lintEverything();

describe('one-way imports between packages', () => {
  test.for(imports)('$file is allowed: $allowed', ({ file, allowed }) => {
    const restricted = findings.filter((finding) => finding.file === file && finding.rule === 'noRestrictedImports');
    expect(restricted).toHaveLength(allowed ? 0 : 1);
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

type Finding = { file: string; rule: string; message: string };

/** Lints all the sources above in one run, in a folder with our own biome.json and package.json files. */
async function lintEverything(): Promise<Finding[]> {
  const folder = await mkdtemp(join(tmpdir(), 'taskwire-house-'));
  try {
    for await (const file of glob(['biome.json', 'package.json', '{packages,apps}/*/package.json'], { cwd: root })) {
      await cp(join(root, file), join(folder, file));
    }
    const sources = [...imports, ...offences, ...Object.entries(fine).map(([file, source]) => ({ file, source }))];
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
