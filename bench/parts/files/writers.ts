import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const PYTHON = fileURLToPath(new URL('write-requests.py', import.meta.url));

const SHELL = `i=0
while [ $i -lt "$3" ]; do
  printf '{"task_type":"reverse_string","parameters":{"text":"file %s"}}' $i > "$1/.$2-$i.tmp"
  mv "$1/.$2-$i.tmp" "$1/$2-$i.json"
  i=$((i + 1))
done`;

/** Writes `count` requests into a folder; returns the time per request, in ms. */
export type Writer = (folder: string, label: string, count: number) => Promise<number>;

/** The median that Python itself measures, without its start. */
export const byPython: Writer = async (folder, label, count) => {
  const { stdout } = await run('python3', [PYTHON, folder, label, String(count)], { maxBuffer: 1e8 });
  const seconds = (JSON.parse(stdout) as number[]).toSorted((a, b) => a - b);
  return (seconds[Math.floor(seconds.length / 2)] ?? Number.NaN) * 1000;
};

/** The mean: a shell has no finer clock. Almost all of it is starting mv. */
export const byShell: Writer = async (folder, label, count) => {
  const start = performance.now();
  await run('sh', ['-c', SHELL, 'write', folder, label, String(count)]);
  return (performance.now() - start) / count;
};

export interface Written {
  inboxMs: number[];
  /** The same bytes into an unwatched folder, in turns with the inbox. */
  plainMs: number[];
}

/** @param options.folder has two folders to write to: the requests' and a plain one. */
export async function written(
  writer: Writer,
  options: { folder: string; label: string; rounds: number; count: number },
): Promise<Written> {
  const { folder, label, rounds, count } = options;
  const [requests, plain] = [join(folder, 'requests'), join(folder, 'plain')];
  await mkdir(plain, { recursive: true });
  const figures: Written = { inboxMs: [], plainMs: [] };
  for (let round = 0; round < rounds; round += 1) {
    figures.inboxMs.push(await writer(requests, `${label}-${round}`, count));
    figures.plainMs.push(await writer(plain, `${label}-${round}`, count));
  }
  return figures;
}
