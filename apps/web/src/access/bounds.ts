import { plainUserId, type UserId } from '@taskwire/protocol';

/** What a token is for; all else is not there for it. */
export interface Bounds {
  taskTypes?: readonly string[] | undefined;
  userId?: string | number | undefined;
}

interface Owned {
  task_type: string | null;
  user_id: UserId;
}

/** A sentence on why a task is outside the bounds; undefined when it is not. 7 and "7" are the same user. */
export function whyOutside(bounds: Bounds | undefined, { task_type, user_id }: Owned): string | undefined {
  const { taskTypes, userId } = bounds ?? {};
  if (taskTypes && (task_type === null || !taskTypes.includes(task_type))) {
    return `This token is bound to the task types ${taskTypes.join(', ')}.`;
  }
  const isForeign = userId !== undefined && (user_id === null || String(plainUserId(user_id)) !== String(userId));
  return isForeign ? `This token is bound to the user_id ${JSON.stringify(userId)}.` : undefined;
}
