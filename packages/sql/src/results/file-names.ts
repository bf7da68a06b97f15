import { createHash, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { ResultFormat } from './format.ts';

/** The name distinguishes these files from others in the folder, which we must not remove. */
export function fileName(taskId: string, format: ResultFormat): string {
  return `${taskId}.taskwire.${format}`;
}

/** Of a file that is not complete yet. */
export function temporaryName(): string {
  return `.${randomUUID()}.part`;
}

/** Of a folder to which an engine writes until its file is complete. */
export function exportFolderName(): string {
  return `.${processMark(process.pid)}${randomUUID().slice(8)}.export`;
}

/** What the names of a process' folders begin with: several machines may share a disk. */
export function processMark(pid: number): string {
  return createHash('sha256').update(`${hostname()} ${pid}`).digest('hex').slice(0, 8);
}

export const COMPLETE_FILE = /\.taskwire\.(json|ndjson|csv|parquet)$/;
export const UNFINISHED_FILE = /^\.[\da-f-]{36}\.part$/;
export const EXPORT_FOLDER = /^\.[\da-f-]{36}\.export$/;
