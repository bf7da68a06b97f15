import { readFileSync } from 'node:fs';
import type { Config } from '@taskwire/config';
import { InboxFolder } from '@taskwire/inbox/folder';
import { isJsonObject, type JsonObject } from '@taskwire/protocol';
import type { RunningDaemon } from './describe-daemon.ts';
import { findDaemon } from './running-daemon.ts';

/** The daemon as its folder shows it: `daemon` and `inbox` of `taskwire status --json`. */
export interface DaemonStatus {
  daemon: { running: boolean } & RunningDaemon;
  /** The content of the folder's `status.json`, of any age; null if there is none. */
  inbox: JsonObject | null;
}

export function readDaemonStatus(config: Config['inbox']): DaemonStatus {
  const folder = new InboxFolder(config);
  const found = findDaemon(folder);
  const daemon = { running: found !== undefined, ...(found ?? { pid: null, started_at: null }) };
  return { daemon, inbox: readStatusFile(folder.statusFile) };
}

function readStatusFile(path: string): JsonObject | null {
  try {
    const status: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isJsonObject(status) ? status : null;
  } catch {
    return null;
  }
}
