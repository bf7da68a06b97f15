import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder of the query daemon, as its users see it. */
export interface UserInbox {
  path: string;
  env: { TASKWIRE_INBOX_ENABLED: string; TASKWIRE_INBOX_DIRECTORY: string };
  /** Puts a request there as a whole: written beside it, then renamed. */
  drop: (name: string, request: object) => void;
  /** The requests that wait, and those that are accepted and have no result file yet. */
  left: () => string[];
  /** The names of the result files, without their ending. */
  resultIds: () => string[];
  result: (taskId: string) => { status: string; [field: string]: unknown };
  hasResult: (taskId: string) => boolean;
}

/** @param path default: a new folder that is removed when the test has finished. */
export function openInbox(path = temporaryFolder()): UserInbox {
  const requests = join(path, 'requests');
  mkdirSync(requests, { recursive: true, mode: 0o700 });
  const jsonIn = (folder: string) => {
    const names = existsSync(join(path, folder)) ? readdirSync(join(path, folder)) : [];
    return names.filter((name) => name.endsWith('.json') && !name.startsWith('.'));
  };
  const resultFile = (taskId: string) => join(path, 'results', `${taskId}.json`);
  return {
    path,
    env: { TASKWIRE_INBOX_ENABLED: 'true', TASKWIRE_INBOX_DIRECTORY: path },
    drop: (name, request) => {
      writeFileSync(join(requests, `.${name}.tmp`), JSON.stringify(request));
      renameSync(join(requests, `.${name}.tmp`), join(requests, `${name}.json`));
    },
    left: () => [...jsonIn('requests'), ...jsonIn('accepted')],
    resultIds: () => jsonIn('results').map((name) => name.slice(0, -'.json'.length)),
    result: (taskId) => JSON.parse(readFileSync(resultFile(taskId), 'utf8')),
    hasResult: (taskId) => existsSync(resultFile(taskId)),
  };
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-inbox-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}
