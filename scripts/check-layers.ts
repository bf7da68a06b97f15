import { globSync, readFileSync } from 'node:fs';

/**
 * Our packages from the ground up. Each may depend on those before it; apps may depend on all packages. That a file imports
 * only what its package.json names is checked by Biome (noUndeclaredDependencies), so this order holds for every import.
 */
const LAYERS = [
  'protocol',
  'config',
  'tasks',
  'redis',
  'store',
  'sql',
  'client',
  'monitoring',
  'service',
  'execution',
  'queue',
  'admission',
  'inbox',
  'notify',
  'history',
  'mcp',
  'setup',
  // Only for tests: no other package may depend on them.
  'testing',
  'fake-databricks',
];
const FOR_TESTS = ['testing', 'fake-databricks'];

/** Dependencies that only one package may have. */
const KNOWN_IN: Readonly<Record<string, string>> = {
  bullmq: 'queue',
  'bullmq-otel': 'queue',
  pg: 'sql',
  '@duckdb/node-api': 'sql',
  '@databricks/sql': 'sql',
};

const faults = globSync('{packages,apps}/*/package.json').sort().flatMap(faultsIn);
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.exitCode = faults.length > 0 ? 1 : 0;

function faultsIn(path: string): string[] {
  const [top, name] = path.split('/') as [string, string, string];
  const place = top === 'apps' ? LAYERS.length : LAYERS.indexOf(name);
  if (place === -1) return [`${path}: packages/${name} has no place among the layers (scripts/check-layers.ts)`];
  const { dependencies = {} } = JSON.parse(readFileSync(path, 'utf8')) as { dependencies?: Record<string, string> };
  return Object.keys(dependencies).flatMap((dependency) => {
    const owner = KNOWN_IN[dependency];
    if (owner !== undefined && owner !== name && !FOR_TESTS.includes(name)) {
      return [`${path}: ${dependency} is known in packages/${owner} alone; let that package do it`];
    }
    const layer = LAYERS.indexOf(dependency.replace('@taskwire/', ''));
    if (!dependency.startsWith('@taskwire/') || layer === -1) return [];
    if (layer >= place)
      return [`${path}: ${dependency} comes after ${name} in the order of layers; move the code to a later package`];
    if (FOR_TESTS.includes(LAYERS[layer] as string) && !FOR_TESTS.includes(name)) {
      return [`${path}: ${dependency} is for tests`];
    }
    return [];
  });
}
