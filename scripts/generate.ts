import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { absolute, generatedFiles, staleFiles } from './generate/generated-files.ts';

const options = process.argv.slice(2);
const unknown = options.find((option) => option !== '--check');

if (unknown !== undefined) {
  console.error(`There is no option ${unknown}. npm run generate [-- --check]`);
  process.exitCode = 2;
} else {
  const stale = staleFiles(generatedFiles());
  if (stale.length === 0) {
    console.log('All generated files are current.');
  } else if (options.includes('--check')) {
    console.error(`Not current: ${stale.map(({ path }) => path).join(', ')}. To write them: npm run generate`);
    process.exitCode = 1;
  } else {
    for (const { path, text } of stale) {
      mkdirSync(dirname(absolute(path)), { recursive: true });
      writeFileSync(absolute(path), text);
      console.log(`wrote ${path}`);
    }
  }
}
