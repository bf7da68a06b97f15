import { stat } from 'node:fs/promises';
import { tooLarge as fileTooLarge } from '../../results/row-file.ts';

const LOOK_INTERVAL_MS = 100;

export interface BoundedFileOptions<T> {
  /** Writes the file. */
  work: () => Promise<T>;
  path: string;
  maxBytes: number;
  /** Makes `work` reject soon. */
  interrupt: () => void;
}

/** The outcome of `work`, unless its file grows too large: the size is checked ten times a second, and at the end. */
export async function boundedFile<T>({ work, path, maxBytes, interrupt }: BoundedFileOptions<T>): Promise<T> {
  let tooLarge = false;
  const look = async () => {
    const bytes = await stat(path).then(({ size }) => size, notYetThere);
    tooLarge ||= bytes > maxBytes;
    if (tooLarge) interrupt();
  };
  const looking = setInterval(() => void look(), LOOK_INTERVAL_MS);
  try {
    const outcome = await work();
    await look();
    if (!tooLarge) return outcome;
  } catch (thrown) {
    if (!tooLarge) throw thrown;
  } finally {
    clearInterval(looking);
  }
  throw fileTooLarge(maxBytes);
}

const notYetThere = () => 0;
