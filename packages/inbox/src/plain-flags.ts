import { constants } from 'node:fs';

/** For opening a file that anybody may have put there: follows no link, and waits for no writer of a pipe. */
export const PLAIN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
