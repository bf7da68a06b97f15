import { execFile, execFileSync } from 'node:child_process';
import { promisify, stripVTControlCharacters } from 'node:util';

/**
 * Runs a program on a terminal of 100 columns. Each step waits for a text behind the one before, and types something.
 * Prints exit code and all that was seen, as JSON; also when what is waited for does not come.
 */
const ON_TERMINAL = `
import fcntl, json, os, pty, signal, struct, sys, termios
steps = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    os.execv(sys.argv[2], sys.argv[2:])
signal.signal(signal.SIGALRM, lambda *_: os.kill(pid, signal.SIGKILL))
signal.alarm(15)
seen = b""
def read():
    global seen
    try: chunk = os.read(terminal, 65536)
    except OSError: chunk = b""
    seen += chunk
    return chunk != b""
at = 0
for expected, typed in steps:
    while expected.encode() not in seen[at:] and read(): pass
    at = len(seen)
    try: os.write(terminal, typed.encode())
    except OSError: break
while read(): pass
print(json.dumps({"code": os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), "text": seen.decode()}))
`;

/** Waits for a text, and types the other. */
export type Step = readonly [awaited: string, typed: string];

export interface TerminalSession {
  command: readonly [string, ...string[]];
  steps: readonly Step[];
  env: NodeJS.ProcessEnv;
}

/** Runs a program on a terminal that Python opens. Resolves with what it wrote, without colours and cursor movements. */
export async function onTerminal({ command, steps, env }: TerminalSession): Promise<{ code: number; text: string }> {
  const python = ['-c', ON_TERMINAL, JSON.stringify(steps), ...command];
  const { stdout } = await promisify(execFile)('python3', python, { env: { ...env, TERM: 'xterm', NO_COLOR: '1' } });
  const { code, text } = JSON.parse(stdout) as { code: number; text: string };
  return { code, text: stripVTControlCharacters(text).replaceAll('\r', '') };
}

/** Says so in the output when there is none. */
export function hasPython(): boolean {
  try {
    execFileSync('python3', ['-c', 'import pty'], { stdio: 'ignore' });
    return true;
  } catch {
    process.stdout.write('SKIPPED: no python3, which the tests need to open a terminal\n');
    return false;
  }
}
