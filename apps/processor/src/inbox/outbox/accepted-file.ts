import { readFile, stat } from 'node:fs/promises';
import { type InboxForm, inboxFormOf, isJsonObject, type JsonObject } from '@taskwire/protocol';

/** What can be said of a request by its file in `accepted`. */
export interface AcceptedFile {
  form: InboxForm;
  task_type: string | null;
  user_id: string | number | null;
  metadata: JsonObject;
  /** When it came there. */
  acceptedAt: Date;
}

/**
 * Reads the request of a task of an earlier time.
 *
 * @returns undefined when somebody has removed it.
 */
export async function readAcceptedFile(path: string): Promise<AcceptedFile | undefined> {
  try {
    const [{ ctime }, text] = await Promise.all([stat(path), readFile(path, 'utf8')]);
    return { ...aboutRequest(text), acceptedAt: ctime };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** It was a good request when it was accepted; somebody may have changed it since. */
function aboutRequest(text: string): Omit<AcceptedFile, 'acceptedAt'> {
  const message = parsed(text);
  const form = inboxFormOf(message);
  const { task_type, user_id, metadata } = message;
  return {
    form,
    task_type: form === 'query' ? 'sql_query' : typeof task_type === 'string' ? task_type : null,
    user_id: typeof user_id === 'string' || typeof user_id === 'number' ? user_id : null,
    metadata: isJsonObject(metadata) ? metadata : {},
  };
}

function parsed(text: string): JsonObject {
  try {
    const message: unknown = JSON.parse(text);
    return isJsonObject(message) ? message : {};
  } catch {
    return {};
  }
}
