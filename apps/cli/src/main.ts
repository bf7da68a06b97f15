import { runCommandLine } from './command-line.ts';

// Whoever reads our output may have seen enough, as `head` does: that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  // To `start` a request to stop in order; to all others the end.
  process.kill(process.pid, 'SIGTERM');
});

process.exitCode = await runCommandLine(process.argv.slice(2));
