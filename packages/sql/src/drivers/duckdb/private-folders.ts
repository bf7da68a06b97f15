import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportFolderName, processMark } from '../../results/file-names.ts';
import { makeResultsFolder } from '../../results/results-folder.ts';

const SPILL_FOLDER = 'taskwire-sql-';
/** No statement runs for longer. The age matters because process ids are used again. */
const LEFT_FOR_MS = 25 * 60 * 60 * 1000;

/** Removes the folders of killed processes. @returns how many */
export async function removeLeftSpills(): Promise<number> {
  let removed = 0;
  for (const name of await readdir(tmpdir())) {
    const pid = name.startsWith(SPILL_FOLDER) ? Number(name.slice(SPILL_FOLDER.length).split('-')[0]) : 0;
    if (!Number.isSafeInteger(pid) || pid <= 0 || isRunning(pid)) continue;
    const path = join(tmpdir(), name);
    const age = await stat(path).then(({ mtimeMs }) => Date.now() - mtimeMs, gone);
    if (age <= LEFT_FOR_MS) continue;
    await rm(path, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}

/** Removes the folders of a process of this machine that has ended. */
export async function removeFoldersOf(pid: number, exportDirectory: string): Promise<void> {
  const spills = { folder: tmpdir(), begin: `${SPILL_FOLDER}${pid}-${processMark(pid)}-` };
  for (const { folder, begin } of [spills, { folder: exportDirectory, begin: `.${processMark(pid)}` }]) {
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(begin));
    await Promise.all(names.map((name) => rm(join(folder, name), { recursive: true, force: true })));
  }
}

const gone = () => 0;

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Folders of one DuckDB, private to its user. */
export interface PrivateFolders extends AsyncDisposable {
  /** For what does not fit into memory; DuckDB's default is `.tmp` in the working directory. */
  spill: string;
  /** For exports; undefined if none is configured. Next to the exported files, so that a rename can move them. */
  export: string | undefined;
  /** Creates it, again if needed: a file may be open for days, and its idle folder be removed as left over. */
  exportFolder: () => Promise<string>;
}

export async function createPrivateFolders(exportDirectory: string | undefined): Promise<PrivateFolders> {
  const spill = await mkdtemp(join(tmpdir(), `${SPILL_FOLDER}${process.pid}-${processMark(process.pid)}-`));
  const exported = exportDirectory && join(exportDirectory, exportFolderName());
  const folders = [spill, ...(exported ? [exported] : [])];
  return {
    spill,
    export: exported,
    async exportFolder() {
      if (!exported) throw new Error('this DuckDB has no export folder');
      await makeResultsFolder(exported);
      return exported;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
    },
  };
}
