import { loadConfig, type WebConfig } from '@taskwire/config';
import { isJsonObject, type JsonObject, rawNumber } from '@taskwire/protocol';

/** What the dashboard answered, if that was no success; the message is a sentence for the user. */
export class WebError extends Error {
  readonly code: 'web_unavailable' | 'web_refused';
  /** Of the HTTP answer. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.code = status === undefined || status === 503 ? 'web_unavailable' : 'web_refused';
    this.status = status;
  }
}

const TIMEOUT_MS = 60_000;

/** Asks the HTTP API of the dashboard of this installation. @throws WebError */
export async function askWeb<T = JsonObject>(
  method: 'GET' | 'POST',
  path: string,
  body?: object,
  timeoutMs = TIMEOUT_MS,
): Promise<T> {
  const { web } = loadConfig();
  const address = addressOf(web);
  const answer = await fetch(`${address}/api/v1${path}`, {
    method,
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(web.token !== undefined && { authorization: `Bearer ${web.token}` }),
    },
    body: body ? JSON.stringify(body) : null,
    signal: AbortSignal.timeout(timeoutMs),
  }).catch(({ message, cause }: Error) => {
    const why = (cause as Error | undefined)?.message || message;
    throw new WebError(
      `The dashboard does not answer at ${address} (${why}): taskwire start runs it, with web.enabled.`,
    );
  });
  const text = await answer.text();
  if (answer.ok) return parsed(text) as T;
  const fix = answer.status === 401 ? ' The command takes the token from TASKWIRE_WEB_TOKEN.' : '';
  throw new WebError(`${detailIn(text) ?? `The dashboard answered ${answer.status}.`}${fix}`, answer.status);
}

/** Where this machine reaches the dashboard. */
export function addressOf({ host, port }: WebConfig): string {
  const everywhere = host === '0.0.0.0' || host === '::';
  return `http://${everywhere ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host}:${port}`;
}

type Reviver = (key: string, value: unknown, context: { source: string }) => unknown;

/** User ids keep their digits. */
function parsed(text: string): unknown {
  const revive: Reviver = (key, value, { source }) =>
    key === 'user_id' && typeof value === 'number' && String(value) !== source ? rawNumber(source) : value;
  return JSON.parse(text, revive as (key: string, value: unknown) => unknown);
}

function detailIn(text: string): string | undefined {
  try {
    const problem: unknown = JSON.parse(text);
    return isJsonObject(problem) && typeof problem.detail === 'string' ? problem.detail : undefined;
  } catch {
    return undefined;
  }
}
