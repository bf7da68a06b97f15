import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

/** What Node says of a file, where the runner of these tests loads it in its own way. */
async function faultIn(name: string, content: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-tasks-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, name), content);
  mkdirSync(join(folder, 'lib'));
  writeFileSync(join(folder, 'lib', 'deep.ts'), 'import "@my/own";');
  writeFileSync(join(folder, 'lib', 'broken.ts'), 'export const a = 1;\nenum Colour { red }');
  const load = `
    import { loadFolder } from ${JSON.stringify(new URL('load-folder.ts', import.meta.url).href)};
    await loadFolder(${JSON.stringify(folder)}).catch(({ message }) => console.log(message));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', load]);
  return stdout.trimEnd().replaceAll(folder, 'FOLDER');
}

test.each([
  [
    'import "left-padd/sub";',
    "Cannot find package 'left-padd' imported from FOLDER/a.ts: run npm install left-padd in FOLDER",
  ],
  [
    'import "./lib/deep.ts";',
    "Cannot find package '@my/own' imported from FOLDER/lib/deep.ts: run npm install @my/own in FOLDER",
  ],
  ['import "./lib/deep";', "Cannot find module 'FOLDER/lib/deep' imported from FOLDER/a.ts: write its extension, .ts"],
  ['import "./lib/absent.ts";', "Cannot find module 'FOLDER/lib/absent.ts' imported from FOLDER/a.ts"],
  ['export const a = 1;\nexport const task = {;', /: Unexpected token `;`.* \(line 2\)$/],
  ['import "./lib/broken.ts";', /: TypeScript enum is not supported .* \(FOLDER\/lib\/broken\.ts:2\)$/],
  ['export const a = 1;\nthrow new Error("no licence");', /: no licence \(line 2\)$/],
])('says in one line where the fault of a file is, and its fix: %s', async (content, why) => {
  const fault = await faultIn('a.ts', content);
  expect(fault).toMatch(/^Tasks cannot be loaded from FOLDER\/a\.ts: .*$/);
  if (typeof why === 'string') expect(fault.endsWith(`: ${why}`), fault).toBe(true);
  else expect(fault).toMatch(why);
});

test('says it of what is required, too', async () => {
  const why = "Cannot find package 'left-padd' imported from FOLDER/a.cjs: run npm install left-padd in FOLDER";
  expect(await faultIn('a.cjs', 'require("left-padd/sub");')).toBe(`Tasks cannot be loaded from FOLDER/a.cjs: ${why}`);
});
