import { createHash, randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** A password as the configuration holds it: `scrypt:<N>:<r>:<p>:<salt>:<key>`, both base64url. */
export interface PasswordHash {
  N: number;
  r: number;
  p: number;
  salt: Buffer;
  key: Buffer;
}

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/** As OWASP advises (Password Storage Cheat Sheet): 32 MiB and about 0.2 s. */
const COST = { N: 32_768, r: 8, p: 3 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;

/** A slip in the configuration must not make each login take gigabytes, or hardly any work. */
const MAX_MEMORY_BYTES = 128 * 1024 * 1024;
const WORK = { min: 2 ** 19, max: 2 ** 22 };

/** The parts of a valid password hash; the configuration has no others. */
export function parsePasswordHash(text: string): PasswordHash {
  const [, N, r, p, salt, key] = text.split(':');
  return {
    N: Number(N),
    r: Number(r),
    p: Number(p),
    salt: Buffer.from(salt ?? '', 'base64url'),
    key: Buffer.from(key ?? '', 'base64url'),
  };
}

/** What is wrong with a password hash, in words; undefined if nothing is. */
export function faultOfPasswordHash(text: string): string | undefined {
  const hash = parsePasswordHash(text);
  if (hash.key.length !== KEY_BYTES || hash.salt.length < SALT_BYTES) {
    return 'is cut off or garbled';
  }
  if (!Number.isInteger(Math.log2(hash.N)) || !(hash.r >= 8) || !(hash.p >= 1)) {
    return 'has parameters that scrypt refuses: N must be a power of two, r at least 8, p at least 1';
  }
  const work = hash.N * hash.r * hash.p;
  if (memoryBytes(hash) > MAX_MEMORY_BYTES || work > WORK.max)
    return 'would take too much memory or time at each login';
  if (work < WORK.min) return 'is too weak: the password could be guessed quickly';
  return undefined;
}

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await keyOf(password, { ...COST, salt });
  return `scrypt:${COST.N}:${COST.r}:${COST.p}:${salt.toString('base64url')}:${key.toString('base64url')}`;
}

export async function isPassword(password: string, hash: PasswordHash): Promise<boolean> {
  return timingSafeEqual(await keyOf(password, hash), hash.key);
}

/** A hash that matches no password and takes as long to check as the given one. */
export function decoyOf(hash: PasswordHash | undefined): PasswordHash {
  return { ...COST, ...hash, salt: randomBytes(SALT_BYTES), key: randomBytes(KEY_BYTES) };
}

/** What the configuration holds of a bearer token. */
export function tokenHashOf(token: string): string {
  return `sha256:${createHash('sha256').update(token).digest('base64url')}`;
}

function keyOf(password: string, { N, r, p, salt }: Omit<PasswordHash, 'key'>): Promise<Buffer> {
  // A letter with an accent may be typed as one character or as two, depending on the keyboard.
  return derive(password.normalize('NFC'), salt, KEY_BYTES, { N, r, p, maxmem: 2 * memoryBytes({ N, r }) });
}

function memoryBytes({ N, r }: { N: number; r: number }): number {
  return 128 * N * r;
}
