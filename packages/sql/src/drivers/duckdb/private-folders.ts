import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportFolderName } from '../../results/file-names.ts';
import { makeResultsFolder } from '../../results/results-folder.ts';

const SPILL_FOLDER = 'taskwire-sql-';
/** No statement runs for longer; and a number of a process may come again. */
const LEFT_FOR_MS = 25 * 60 * 60 * 1000;

/** Removes what processes that were killed have left behind. @returns how many folders */
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

/** Folders of one DuckDB, which nobody else may look into. */
export interface PrivateFolders extends AsyncDisposable {
  /** For what does not fit into memory; DuckDB's default is `.tmp` in the working directory. */
  spill: string;
  /** For what it exports; undefined when no place is configured. Beside the exported files, so that moving them is renaming. */
  export: string | undefined;
  /** Makes it, again if need be: a file may be open for days, and an idle folder be taken for one that was left behind. */
  exportFolder: () => Promise<string>;
}

export async function createPrivateFolders(exportDirectory: string | undefined): Promise<PrivateFolders> {
  const spill = await mkdtemp(join(tmpdir(), `${SPILL_FOLDER}${process.pid}-`));
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
