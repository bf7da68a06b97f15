import { randomUUID } from 'node:crypto';
import type { ResultFormat } from './format.ts';

/** `.rows` tells these files from others in the folder. */
export function fileName(taskId: string, format: ResultFormat): string {
  return `${taskId}.rows.${format}`;
}

/** Of a file that is not complete yet. */
export function temporaryName(): string {
  return `.${randomUUID()}.part`;
}

/** Of a folder to which an engine writes until its file is complete. */
export function exportFolderName(): string {
  return `.${randomUUID()}.export`;
}

export const COMPLETE_FILE = /\.rows\.(json|ndjson|csv|parquet)$/;
export const UNFINISHED = /^\.[\da-f-]{36}\.(part|export)$/;
