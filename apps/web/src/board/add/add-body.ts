import { type ErrorDetail, isJsonObject, type JsonObject, type JsonValue, requestSchema } from '@taskwire/protocol';
import { typeInShownName } from '../show/shown-job.ts';

/** What Bull Board's form sends. */
export interface AddBody {
  name: string;
  /** The request, perhaps without its task type; or only its parameters. */
  data: unknown;
  options: object;
}

/** A message as a client would publish it, not checked yet, and what in the form it cannot express. */
export interface FormMessage {
  message: JsonObject;
  faults: ErrorDetail[];
}

const REQUEST_FIELDS = Object.keys(requestSchema.shape);

/** Options that a BullMQ job and a request share, with their names in a request. */
const OPTIONS = new Map([
  ['attempts', 'attempts'],
  ['delay', 'delay_ms'],
  ['priority', 'priority'],
]);

/** What the form sends when its name field was left empty. */
const NO_NAME = '__default__';

/** @param types the task types of the queue. */
export function messageFrom({ name, data, options }: AddBody, types: readonly string[]): FormMessage {
  const message: JsonObject = isRequest(data) ? { ...data } : { parameters: (data ?? {}) as JsonValue };
  const faults: ErrorDetail[] = [];
  if (Number.isInteger(message.user_id) && !Number.isSafeInteger(message.user_id)) {
    const fault = 'has lost digits: a browser cannot send so many; ask for the task in another way';
    faults.push({ path: 'user_id', message: fault });
  }
  for (const [option, value] of Object.entries(options)) {
    const field = OPTIONS.get(option);
    if (!field) {
      const known = [...OPTIONS.keys()].join(', ');
      faults.push({ path: `options.${option}`, message: `no such option for a task; there are: ${known}` });
    } else if (field in message && message[field] !== value) {
      faults.push({ path: `options.${option}`, message: `contradicts ${field} in the data; leave one of them out` });
    } else {
      message[field] = value;
    }
  }
  const named = name === NO_NAME ? '' : typeInShownName(name);
  const type = message.task_type ?? (named || (types.length === 1 && types[0]));
  if (named && type !== named) {
    faults.push({ path: 'task_type', message: `says ${JSON.stringify(type)}, but the job name is "${named}"` });
  }
  if (type) message.task_type = type;
  else faults.push({ path: 'task_type', message: `is required, here or as the job name; one of ${types.join(', ')}` });
  return { message, faults };
}

/** Whether the form's data is a whole request: it has a `task_type`, or only members that requests have. */
function isRequest(data: unknown): data is JsonObject {
  if (!isJsonObject(data)) return false;
  if ('task_type' in data) return true;
  return isJsonObject(data.parameters) && Object.keys(data).every((key) => REQUEST_FIELDS.includes(key));
}
