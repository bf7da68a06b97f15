import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportFolderName } from '../../results/file-names.ts';

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
  const spill = await mkdtemp(join(tmpdir(), 'taskwire-sql-'));
  const exported = exportDirectory && join(exportDirectory, exportFolderName());
  const folders = [spill, ...(exported ? [exported] : [])];
  return {
    spill,
    export: exported,
    async exportFolder() {
      if (!exported) throw new Error('this DuckDB has no export folder');
      await mkdir(exported, { recursive: true, mode: 0o700 });
      return exported;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
    },
  };
}
