import { execFile, execFileSync } from 'node:child_process';
import { promisify, stripVTControlCharacters } from 'node:util';

/**
 * Runs a program on a terminal of 100 columns. Each step waits for a text behind the one before, and types something.
 * Prints as JSON the exit code, all that was seen, and what was awaited and did not come.
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
missing = None
for expected, typed in steps:
    while expected.encode() not in seen[at:] and read(): pass
    if expected.encode() not in seen[at:]:
        missing = expected
        break
    at = len(seen)
    try: os.write(terminal, typed.encode())
    except OSError: break
while read(): pass
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(json.dumps({"code": code, "text": seen.decode(), "missing": missing}))
`;

/** Waits for a text, and types the other. */
export type Step = readonly [awaited: string, typed: string];

export interface TerminalSession {
  command: readonly [string, ...string[]];
  steps: readonly Step[];
  env: NodeJS.ProcessEnv;
}

/**
 * Runs a program on a terminal that Python opens. Resolves with what it wrote, without colours and cursor movements.
 *
 * @throws Error when a text that is awaited does not come, before the program ends or within 15 s
 */
export async function onTerminal({ command, steps, env }: TerminalSession): Promise<{ code: number; text: string }> {
  const python = ['-c', ON_TERMINAL, JSON.stringify(steps), ...command];
  const { stdout } = await promisify(execFile)('python3', python, { env: { ...env, TERM: 'xterm', NO_COLOR: '1' } });
  const { code, text, missing } = JSON.parse(stdout) as { code: number; text: string; missing: string | null };
  const seen = stripVTControlCharacters(text).replaceAll('\r', '');
  if (missing !== null) throw new Error(`"${missing}" did not come; exit code ${code}, and this was seen:\n${seen}`);
  return { code, text: seen };
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
