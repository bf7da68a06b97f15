import { runCommandLine } from './command-line.ts';

/** `EPIPE`: whoever read our output may have seen enough, as `head` does. `EIO`: the terminal was closed. No faults. */
const READER_GONE = ['EPIPE', 'EIO'];

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (!READER_GONE.includes(error.code ?? '')) throw error;
  // To what has to stop in order a request to do so; to all others the end, with the code that shells expect.
  if (process.listenerCount('SIGTERM') > 0) process.kill(process.pid, 'SIGTERM');
  else process.exit(141);
});

process.exitCode = await runCommandLine(process.argv.slice(2));
