import type { Vitals } from './vitals.ts';

/** The format of jobs and records in Redis. It rises when services of two versions can no longer share them. */
export const FORMAT = 2;

/** What a service leaves in Redis with every heartbeat: one field of `servicesKey`, as JSON. */
export interface Beat extends Vitals {
  service: string;
  instance: string;
  host: string;
  pid: number;
  version: string;
  /** {@link FORMAT} of its version; 1 if it tells none. */
  format?: number;
  /** ms since 1970 by the clock of the process, as all times here but one. */
  startedAt: number;
  at: number;
  /** When Redis took it, by Redis' clock; versions before this one do not tell. */
  seenAt?: number;
  /** Numbers what has been counted; see `beat.lua`. */
  sequence: number;
  /** Of the process; versions before this one do not tell them. */
  memoryBytes?: number;
  cpuSeconds?: number;
}
