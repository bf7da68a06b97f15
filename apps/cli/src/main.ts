import { runCommandLine } from './command-line.ts';
import { EXIT_CODE } from './exit-code.ts';
import { isReaderGone } from './stop-signal.ts';

process.stdout.on('error', (error) => {
  if (!isReaderGone(error)) throw error;
  // What must stop in order is asked to; all else ends, with the code that shells expect.
  if (process.listenerCount('SIGTERM') > 0) process.kill(process.pid, 'SIGTERM');
  else process.exit(EXIT_CODE.readerGone);
});

process.exitCode = await runCommandLine(process.argv.slice(2));
