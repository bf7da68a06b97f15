import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

// uuid gets 16 random bytes per id from the system, its largest cost: get many at once.
const BYTES_PER_ID = 16;
const pool = Buffer.alloc(256 * BYTES_PER_ID);
let used = pool.length;

/** A new task id: a UUIDv7, so that ids sort by time. */
export function newTaskId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const random = pool.subarray(used, used + BYTES_PER_ID);
  used += BYTES_PER_ID;
  return v7({ random });
}
