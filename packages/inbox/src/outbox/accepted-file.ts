import { type InboxForm, inboxFormOf, isJsonObject, type JsonObject } from '@taskwire/protocol';
import { readPlain } from '../read-plain.ts';

/** What the file of a request in `accepted` tells about it. */
export interface AcceptedFile {
  form: InboxForm;
  task_type: string | null;
  user_id: string | number | null;
  metadata: JsonObject;
  /** The task id that it names, if any. */
  names: string | undefined;
  /** When it came there. */
  acceptedAt: Date;
}

/**
 * Reads the request of a task of an earlier run.
 *
 * @returns undefined when it was removed or replaced by something else.
 */
export async function readAcceptedFile(path: string): Promise<AcceptedFile | undefined> {
  const file = await readPlain(path);
  return file && { ...aboutRequest(file.text), acceptedAt: file.movedAt };
}

/** It was valid when it was accepted; somebody may have changed it since. */
function aboutRequest(text: string): Omit<AcceptedFile, 'acceptedAt'> {
  const message = parsed(text);
  const form = inboxFormOf(message);
  const { task_type, user_id, metadata } = message;
  const id = form === 'query' ? message.query_id : message.task_id;
  return {
    form,
    names: typeof id === 'string' || typeof id === 'number' ? String(id) : undefined,
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
