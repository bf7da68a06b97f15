import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

/** What the figures depend on. */
export interface Machine {
  cores: number;
  cpu: string;
  memoryGib: number;
  system: string;
  node: string;
  redis: string;
  bullmq: string;
  /** With Python and redis-py; undefined where it is not installed. */
  celery?: string;
}

export function thisMachine(celery: string | undefined): Machine {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    redis: /v=([\d.]+)/.exec(said('redis-server', '--version'))?.[1] ?? 'unknown',
    bullmq: createRequire(import.meta.url)('bullmq/package.json').version,
    ...(celery !== undefined && { celery }),
  };
}

/** With `-dirty` if files differ from it. */
export function commit(): string {
  return said('git', 'describe', '--always', '--dirty', '--exclude', '*');
}

export function said(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: 'utf8' }).trim();
}
