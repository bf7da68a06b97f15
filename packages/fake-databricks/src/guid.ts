import { randomUUID } from 'node:crypto';

/** 16 random bytes that are a valid UUID; the driver refuses other handles. */
export function newGuid(): Buffer {
  return Buffer.from(randomUUID().replaceAll('-', ''), 'hex');
}

/** The bytes as text, as the driver shows an id. */
export function guidText(guid: Buffer): string {
  return guid.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
