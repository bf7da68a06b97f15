import { existsSync } from 'node:fs';
import { readPlain } from '../read-plain.ts';
import { membersOf } from '../result-file-members.ts';

/** A larger result file is not read again: it is not worth the time. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * The content of an existing result file: its members by name, with their exact texts.
 *
 * @param path of the result file.
 * @returns `absent`; `unreadable` when it is too large, or no result file; else when it was written, and its members.
 */
export async function readEarlierResult(
  path: string,
): Promise<{ status: 'absent' | 'unreadable' } | { status: 'read'; writtenAt: Date; members: Map<string, string> }> {
  try {
    const file = await readPlain(path, { maxBytes: MOST_BYTES });
    if (file) return { status: 'read', writtenAt: file.changedAt, members: membersOf(file.text) };
    return { status: existsSync(path) ? 'unreadable' : 'absent' };
  } catch {
    return { status: 'unreadable' };
  }
}
