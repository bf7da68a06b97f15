import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '@taskwire/config';
import type { tasksGoingOn } from '@taskwire/queue';
import { connect } from '@taskwire/redis';
import { sqlTasks } from '@taskwire/tasks';
import { visible } from '../output/terminal-text.ts';

type Query = Awaited<ReturnType<typeof tasksGoingOn>>[number];

/** A stop must not wait for a frozen Redis. */
const ANSWER_TIMEOUT_MS = 1000;

const MOST_NAMED = 100;

/** The queries that go on in their engines without a worker; undefined when Redis does not answer in time. */
export async function queriesGoingOn(config: Config): Promise<Query[] | undefined> {
  const redis = connect({ config: config.redis, role: 'client', name: 'stop' });
  try {
    // BullMQ would be in the memory of the supervisor for this alone.
    const { tasksGoingOn } = await import('@taskwire/queue');
    const asked = tasksGoingOn({ queue: sqlTasks[0].queue, most: MOST_NAMED, config, redis });
    return await Promise.race([asked, delay(ANSWER_TIMEOUT_MS, undefined, { ref: false })]);
  } catch {
    return undefined;
  } finally {
    redis.disconnect();
  }
}

/** For a person who stops taskwire; undefined if there are none. */
export function goingOnInWords(queries: readonly Query[] = []): string | undefined {
  if (queries.length === 0) return undefined;
  const [count, them] = queries.length === 1 ? ['1 query goes', 'it'] : [`${countOf(queries)} queries go`, 'them'];
  const names = queries.map(({ task_id, task_type, parameters: { connection, query_name } }) => {
    const which = query_name === undefined ? `connection ${connection ?? 'default'}` : `query ${query_name}`;
    return visible(`task ${task_id} (${task_type}, ${which})`);
  });
  return (
    `${count} on in the engine: ${names.join(', ')}. ` +
    `The next start takes ${them} up; to end ${them} instead, start taskwire and call \`taskwire stop --cancel\`.`
  );
}

function countOf({ length }: readonly Query[]): string {
  return length < MOST_NAMED ? String(length) : `${length} or more`;
}
