import { runCommandLine } from './command-line.ts';

/** `EPIPE`: whoever read our output may have seen enough, as `head` does. `EIO`: the terminal was closed. No faults. */
const READER_GONE = ['EPIPE', 'EIO'];

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (!READER_GONE.includes(error.code ?? '')) throw error;
  // To `start` and `redis` a request to stop in order; to all others the end.
  process.kill(process.pid, 'SIGTERM');
});

process.exitCode = await runCommandLine(process.argv.slice(2));
