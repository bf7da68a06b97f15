import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { services } from '@taskwire/config';
import { describe, expect, test } from 'vitest';

function read(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
}

/** What the first group of each match says. */
function matchesIn(path: string, pattern: RegExp): string[] {
  return [...read(path).matchAll(pattern)].map(([, found]) => found as string).sort();
}

const names = services.map(({ name }) => name).sort();

test('every app that is a service is in the manifest, and the other way round', () => {
  const apps = readdirSync(fileURLToPath(new URL('../apps', import.meta.url)));
  const mains = apps
    .map((app) => `apps/${app}/src/main.ts`)
    .filter((main) => existsSync(new URL(`../${main}`, import.meta.url)));
  expect(mains.flatMap((main) => matchesIn(main, /runService\('(.*)',/g)).sort()).toEqual(names);
});

test('each service has a container, and the image is proved to have what each loads', () => {
  expect(
    matchesIn(
      'docker-compose.yml',
      /^ {2}\S+:\n {4}<<: \*service\n(?: {4}.*\n)*? {4}command: \[node, apps\/(.*)\/src\/main\.ts\]$/gm,
    ),
  ).toEqual(names);
  expect(matchesIn('docker-compose.yml', /^ {2}(\S+):\n {4}<<: \*service\n/gm)).toEqual(names);
  expect(matchesIn('test/docker/docker-compose.test.yml', /^ {2}(\S+): \*service$/gm)).toEqual(names);
  expect(
    matchesIn('Dockerfile', /for app in (.*); do/g)
      .flatMap((apps) => apps.split(' '))
      .sort(),
  ).toEqual(names);
});

describe.each(services)('the service $name', ({ name, section }) => {
  test('is found by its name', () => {
    expect(read(`apps/${name}/src/main.ts`)).toContain(`runService('${name}',`);
    const { exports } = JSON.parse(read(`apps/${name}/package.json`));
    expect(exports['./main']).toBe('./src/main.ts');
    // So that `import.meta.resolve` of the supervisor finds it.
    expect(JSON.parse(read('apps/cli/package.json')).dependencies).toHaveProperty(`@taskwire/${name}`);
  });

  test('tells its health in a container', () => {
    const variable = `TASKWIRE_${section.toUpperCase()}_HEALTH_PORT`;
    const isSetting = read('docs/configuration.md').includes(`\`${variable}\``);
    const [container] = matchesIn('docker-compose.yml', new RegExp(`^  ${name}:\\n((?: {4}.*\\n)*)`, 'gm'));
    // One without a health port answers at its own, and says where.
    if (!isSetting) expect(container).toContain('HEALTH_URL: ');
    else expect(read('docker-compose.yml')).toContain(`${variable}: "9464"`);
  });
});
