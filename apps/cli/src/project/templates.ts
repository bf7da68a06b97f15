import { fileURLToPath } from 'node:url';

/** The files of the project that `taskwire init` writes. */
export const TEMPLATES = fileURLToPath(new URL('../../templates', import.meta.url));
