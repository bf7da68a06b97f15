import type { PrivateRedis } from '@taskwire/testing';
import type { Load } from '../measure/latencies.ts';

export interface Contender {
  name: ContenderName;
  /** Of a burst. */
  tasks: number;
  redis: PrivateRedis;
  /** Their process ids, by what they do. `publisher` is who sends and hears, or adds. */
  processes: Readonly<Partial<Record<ProcessName, readonly number[]>>>;
  burst: (count: number) => Promise<void>;
  latencies?: (load: Load) => Promise<number[]>;
}

export type ProcessName = (typeof PROCESSES)[number];
export type ContenderName =
  | 'taskwire, PUBLISH'
  | 'taskwire, XADD'
  | 'BullMQ, one process'
  | 'BullMQ, two processes'
  | 'Celery';

export const PROCESSES = ['redis', 'processor', 'worker', 'publisher'] as const;
