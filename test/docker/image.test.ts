import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import root from '../../package.json' with { type: 'json' };
import { docker } from './docker.ts';

const IMAGE = 'taskwire-test';

describe.skipIf(inject('composeProject') === null)('the image', () => {
  beforeAll(async () => {
    await docker(['build', '--quiet', '--tag', IMAGE, fileURLToPath(new URL('../..', import.meta.url))]);
  });

  /** What a shell script in it says, line by line. */
  async function inImage(script: string): Promise<string[]> {
    const run = ['run', '--rm', '--network', 'none', '--user', 'root', IMAGE, 'sh', '-c', script];
    return (await docker(run)).split('\n').filter((line) => line !== '');
  }

  test('runs as node, and has the command taskwire', async () => {
    const user = JSON.parse(await docker(['inspect', '--format', '{{json .Config.User}}', IMAGE]));
    expect(user).toBe('node');
    expect(await docker(['run', '--rm', '--read-only', '--network', 'none', IMAGE, 'taskwire', '--help'])).toContain(
      'Usage: taskwire',
    );
  });

  test('has one Node, and it is the one of its base', async () => {
    expect(await inImage('find / -xdev -type f -name node -perm -u+x')).toEqual(['/usr/local/bin/node']);
  });

  test('has no development dependency', async () => {
    const installed = await inImage('cd node_modules && ls -d * @*/*');
    expect(installed).toContain('bullmq');
    const unwanted = [...Object.keys(root.devDependencies), 'testcontainers', '@taskwire/testing'];
    expect(installed.filter((name) => unwanted.includes(name))).toEqual([]);
  });

  test('has nothing of what is not needed to run', async () => {
    expect(await inImage("find . -name '*.test.ts' -o -name '*.map' -o -name '*.d.ts'")).toEqual([]);
    const top = await inImage('ls -A');
    const ours = ['apps', 'packages', 'config.json', 'package.json', 'LICENSE'];
    expect(top.sort()).toEqual([...ours, '.compile-cache', '.data', 'node_modules'].sort());
  });

  test('adds at most 130 MB to its base', async () => {
    const [megabytes] = await inImage('du -sm --apparent-size . | cut -f1');
    expect(Number(megabytes)).toBeLessThanOrEqual(130);
  });
});
