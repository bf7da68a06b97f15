import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import type { Machine } from '../measure/machine.ts';
import type { Figures, PartName } from '../parts/index.ts';

export interface Results {
  machine: Machine;
  parts: Measured;
}

export type Measured = { [Name in PartName]?: PartRun<Figures[Name]> };

export interface PartRun<PartFigures> {
  at: string;
  commit: string;
  rounds: number;
  seconds: number;
  /** Of the last minute. */
  loadBefore: number;
  loadAfter: number;
  figures: PartFigures;
}

const FILE = fileURLToPath(new URL('../results.json', import.meta.url));

export function readResults(): Results {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Results;
}

/** Parts that were not measured now stay as they were, if it was on the same machine with the same versions. */
export function writeResults({ machine, parts }: Results): void {
  const earlier = readResults();
  const kept = isDeepStrictEqual(earlier.machine, machine) ? earlier.parts : {};
  writeFileSync(FILE, `${JSON.stringify({ machine, parts: { ...kept, ...parts } }, null, 2)}\n`);
}
