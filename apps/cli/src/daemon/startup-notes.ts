import { parsedLine, type WriteLine } from '../supervisor/json-lines.ts';

const MAX_NOTES = 50;

/** Collects what the user who starts a daemon should see: warnings, errors, and lines that are not JSON. */
export class StartupNotes {
  readonly all: string[] = [];
  #gathering = true;

  /** Reads the lines as they pass. */
  through(write: WriteLine): WriteLine {
    return (source, line) => {
      if (this.#gathering) this.#look(source, line);
      write(source, line);
    };
  }

  /** Stops collecting. */
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
