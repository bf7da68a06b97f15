import { parsedLine, type WriteLine } from '../supervisor/json-lines.ts';

const MAX_NOTES = 50;

/** Gathers what should be told to whoever starts a daemon: warnings, errors, and what was written past the log. */
export class StartupNotes {
  readonly all: string[] = [];
  #gathering = true;

  /** Sees the lines on their way. */
  through(write: WriteLine): WriteLine {
    return (source, line) => {
      if (this.#gathering) this.#look(source, line);
      write(source, line);
    };
  }

  /** Nobody listens any more. */
  end(): void {
    this.#gathering = false;
  }

  #look(source: string, line: string): void {
    const parsed = parsedLine(line);
    if (parsed && !['warn', 'error', 'fatal'].includes(String(parsed.level))) return;
    if (this.all.length >= MAX_NOTES) return;
    this.all.push(parsed ? `${source}: ${parsed.msg}${causeOf(parsed.err)}` : `${source}: ${line}`);
  }
}

function causeOf(error: unknown): string {
  const message = (error as { message?: unknown } | undefined)?.message;
  return typeof message === 'string' ? `: ${message}` : '';
}
