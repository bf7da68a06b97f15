import { parseExact } from './exact-json.ts';

/** The server has refused, or does not answer: a sentence for a person. */
export class ApiError extends Error {
  /** 0: no answer. */
  readonly status: number;

  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

/**
 * Asks our HTTP API.
 *
 * @param path below the server
 * @param options `json`: the body
 * @throws ApiError
 */
export async function ask(
  path: string,
  { method = 'GET', json }: { method?: string; json?: string } = {},
  // biome-ignore lint/suspicious/noExplicitAny: each caller knows what it asks for
): Promise<{ data: any; location: string | null }> {
  const request = {
    method,
    ...(json !== undefined && { body: json, headers: { 'content-type': 'application/json' } }),
  };
  const answer = await fetch(path, request).catch(() => undefined);
  if (!answer) throw new ApiError(0, 'The dashboard is out of reach.');
  // The session has ended: the server knows where to log in.
  if (answer.status === 401) location.reload();
  const text = await answer.text();
  const data = /\bjson\b/.test(answer.headers.get('content-type') ?? '') ? parseExact(text) : undefined;
  if (!answer.ok) throw new ApiError(answer.status, sentenceOf(data) ?? `The server answers with ${answer.status}.`);
  return { data, location: answer.headers.get('location') };
}

interface Refusal {
  error?: string;
  detail?: string;
  title?: string;
  error_details?: { path: string; message: string }[];
}

function sentenceOf(refusal: unknown) {
  if (!refusal) return undefined;
  const { error, detail, title, error_details = [] } = refusal as Refusal;
  const sentence = detail ?? error ?? title;
  const places = error_details.map(({ path, message }) => `${path}: ${message}`);
  return [sentence, ...places.filter((place) => !sentence?.includes(place))].join(' ');
}

interface Me {
  /** Null without login. */
  visitor: { name: string; role: string } | null;
  may_act: boolean;
  /** Publishes the text REQUEST. */
  redis_cli: string;
}

export const me: Promise<Me> = ask('/api/me').then(({ data }) => data);
