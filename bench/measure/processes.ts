import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const LINUX = process.platform === 'linux';

/** Of Linux, where programs see it: always 100 a second. */
const TICK_US = 10_000;

/** What /proc calls memory of a process: shared pages count by share. Elsewhere there is only RSS, which counts them in full. */
export const MEMORY_KIND = LINUX ? 'PSS' : 'RSS';

/** The CPU time, user and system, that these processes have used in all threads, ended children included, in µs. */
export function cpuUs(pids: readonly number[]): number {
  return pids.map((pid) => (LINUX ? ofProc(pid) : ofPs(pid))).reduce((sum, us) => sum + us, 0);
}

function ofProc(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // utime, stime, cutime, cstime; the name before them may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * TICK_US, 0);
}

/** Of macOS: minutes:seconds with hundredths. */
function ofPs(pid: number): number {
  const [minutes, seconds] = ps('-o', 'time=', '-p', String(pid)).trim().split(':').map(Number) as [number, number];
  return (minutes * 60 + seconds) * 1e6;
}

export function memoryBytes(pid: number): number {
  if (!LINUX) return Number(ps('-o', 'rss=', '-p', String(pid))) * 1024;
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) * 1024;
}

/** A process and all below it, with their command lines. */
export function treeOf(root: number): { pid: number; command: string }[] {
  const all = [...ps('-A', '-ww', '-o', 'pid=,ppid=,command=').matchAll(/^ *(\d+) +(\d+) +(.*)$/gm)].map(
    ([, pid, parent, command = '']) => ({ pid: Number(pid), parent: Number(parent), command }),
  );
  const below = (pid: number): typeof all =>
    all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...below(child.pid)]);
  return [...all.filter(({ pid }) => pid === root), ...below(root)];
}

function ps(...args: string[]): string {
  return execFileSync('ps', args, { encoding: 'utf8', maxBuffer: 1e8 });
}
