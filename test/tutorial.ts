import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a reader of docs/tutorial.md does, in its order: runs a command, or writes a file. */
export type Step = { command: string } | { file: string; text: string };

const PAGE = fileURLToPath(new URL('../docs/tutorial.md', import.meta.url));

export function tutorialSteps(): Step[] {
  const fences = readFileSync(PAGE, 'utf8').matchAll(/^```(\w+)(?: (\S+))?\n(.*?)^```$/gms);
  return [...fences].flatMap(([, language, file, text = '']): Step[] => {
    if (language === 'sh')
      return text
        .trim()
        .split('\n')
        .map((command) => ({ command }));
    return file === undefined ? [] : [{ file, text }];
  });
}

export function writeStep(folder: string, { file, text }: { file: string; text: string }): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}
