import { DuckDBInstance } from '@duckdb/node-api';
import { lockDown } from './lock-down.ts';
import type { DuckDbOptions } from './options.ts';
import { createPrivateFolders, type PrivateFolders } from './private-folders.ts';
import type { DuckDbSession } from './session.ts';

/** An empty database in memory for one statement, so that nothing stays for the next one. That costs about 20 ms. */
export async function openMemorySession(options: DuckDbOptions): Promise<DuckDbSession> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  let folders: PrivateFolders | undefined;
  return {
    connection,
    writable: false,
    async lockDown() {
      folders = await createPrivateFolders(options.exportDirectory);
      await lockDown({ ...options, connection, folders });
    },
    async exportFolder() {
      if (!folders) throw new Error('exportFolder() before lockDown()');
      return folders.exportFolder();
    },
    /** Call it when nothing runs any more: DuckDB would wait and block the whole process. */
    async [Symbol.asyncDispose]() {
      connection.closeSync();
      instance.closeSync();
      await folders?.[Symbol.asyncDispose]();
    },
  };
}
