import { Terminal } from '../terminal.ts';
import { type Configuration, resolved, type Task } from './files.ts';

/** Opens the terminal in which VS Code would run this. */
export function openTerminal(what: Task | Configuration, env: NodeJS.ProcessEnv, relativeFile?: string): Terminal {
  const words = (text: string | readonly string[] = []) => [text].flat().map((word) => resolved(word, relativeFile));
  if ('program' in what) {
    const { runtimeExecutable, program, args } = what;
    return new Terminal({
      command: resolved(runtimeExecutable),
      args: [resolved(program), ...words(args)],
      // Arguments that are one text are for the shell to take apart.
      shell: typeof args === 'string',
      env: { ...env, ...what.env },
    });
  }
  const { type, command = '', args, options } = what;
  const shell = type === 'shell';
  return new Terminal({ command: resolved(command), args: words(args), shell, env: { ...env, ...options?.env } });
}
