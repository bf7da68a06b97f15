import type { Member } from './fleet.ts';

/** The memory of each process in MB, by name and number. */
export type Memory = ReadonlyMap<string, number>;

/** More than this much growth is no longer flat. */
const FLAT = 1.25;

export function memoryOf(members: readonly Member[]): Memory {
  return new Map(members.map((member, index) => [`${member.name} ${index}`, member.memoryMb()]));
}

/** Names the processes whose memory is not flat between two moments. */
export function grown(before: Memory, after: Memory): string[] {
  return [...after].flatMap(([name, now]) => {
    const then = before.get(name) ?? now;
    return now > then * FLAT ? [`the memory of ${name} grew from ${then} to ${now} MB`] : [];
  });
}
