import { parsedLine, type WriteLine } from '../supervisor/json-lines.ts';

const MAX_NOTES = 50;

/** Tells the user who starts a daemon what he should see: warnings, errors, and lines that are not JSON. */
export class StartupNotes {
  readonly #tell: (note: string) => void;
  #left = MAX_NOTES;

  constructor(tell: (note: string) => void) {
    this.#tell = tell;
  }

  /** Reads the lines as they pass. */
  through(write: WriteLine): WriteLine {
    return (source, line) => {
      if (this.#left > 0) this.#look(source, line);
      write(source, line);
    };
  }

  /** Tells no more. */
  end(): void {
    this.#left = 0;
  }

  #look(source: string, line: string): void {
    const parsed = parsedLine(line);
    if (parsed && !['warn', 'error', 'fatal'].includes(String(parsed.level))) return;
    this.#left -= 1;
    this.#tell(parsed ? `${source}: ${parsed.msg}${causeOf(parsed.err)}` : `${source}: ${line}`);
  }
}

function causeOf(error: unknown): string {
  const message = (error as { message?: unknown } | undefined)?.message;
  return typeof message === 'string' ? `: ${message}` : '';
}
