import { createHash } from 'node:crypto';
import { encodeRequest, type RequestInput, taskIdSchema, type UserId } from '@taskwire/protocol';

/** A further task that a handler asks for. */
export interface FurtherTask extends Omit<RequestInput, 'task_id'> {
  /** Names it among the tasks of this one. Default: the number of the call. */
  key?: string | undefined;
}

/**
 * Sends the further tasks of one attempt. Their ids follow from that of their task, so that what a second attempt asks for again is
 * not run again. They belong to the same user, unless they say otherwise.
 *
 * @param send puts a request where it is durable.
 * @throws InvalidRequestError
 */
export function furtherTasks(
  { task_id, user_id }: { task_id: string; user_id: UserId },
  send: (message: string) => Promise<unknown>,
): (task: FurtherTask) => Promise<string> {
  let calls = 0;
  return async ({ key, ...asked }) => {
    if (key === undefined) calls += 1;
    const { request, message } = encodeRequest({ user_id, ...asked, task_id: idOf(task_id, key ?? String(calls)) });
    await send(message);
    return request.task_id;
  };
}

/** Readable where it can be. */
function idOf(parent: string, key: string): string {
  const id = `${parent}~${key}`;
  if (taskIdSchema.safeParse(id).success) return id;
  return createHash('sha256').update(id).digest('hex');
}
