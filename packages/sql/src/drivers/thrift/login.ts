import { SqlConnectionError } from '../../sql-error.ts';
import { basicCredentials } from './connection-faults.ts';
import type { HttpAnswer } from './http-exchange.ts';
import { HttpFault } from './http-fault.ts';
import type { ThriftAuth } from './options.ts';

/** A token is not used any more so long before it expires: a call takes time. */
const EARLY_MS = 30_000;

export interface LoginOptions {
  host: string;
  auth: ThriftAuth;
  /** Asks the server for a token. */
  post: (path: string, headers: Record<string, string>, body: string) => Promise<HttpAnswer>;
}

interface Token {
  header: string;
  /** In ms since 1970. */
  until: number;
}

/** The header `Authorization` of each call. */
export class Login {
  readonly #options: LoginOptions;
  #token: Promise<Token> | undefined;
  #refused: string | undefined;

  constructor(options: LoginOptions) {
    this.#options = options;
  }

  /** @throws {SqlConnectionError} `credentials`, when there is no token to be had */
  async header(): Promise<string> {
    const { auth } = this.#options;
    if (auth.kind === 'token') return `Bearer ${auth.token}`;
    if (auth.kind === 'basic') return `Basic ${basicCredentials(auth)}`;
    const kept = this.#token;
    const token = await kept?.catch(() => undefined);
    if (token && Date.now() < token.until) return token.header;
    if (this.#token === kept) this.#token = this.#fetch(auth.clientId, auth.clientSecret);
    return (await (this.#token as Promise<Token>)).header;
  }

  /** To be told when the server does not take a header any more. @returns whether there may be another */
  wasRefused(header: string): boolean {
    if (this.#options.auth.kind !== 'oauth' || header === this.#refused) return false;
    this.#refused = header;
    this.#token = undefined;
    return true;
  }

  /** OAuth's client credentials, where Databricks documents it: `POST https://<host>/oidc/v1/token`. */
  async #fetch(clientId: string, clientSecret: string): Promise<Token> {
    const credentials = basicCredentials({
      user: encodeURIComponent(clientId),
      password: encodeURIComponent(clientSecret),
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded', authorization: `Basic ${credentials}` };
    const form = new URLSearchParams({ grant_type: 'client_credentials', scope: 'all-apis' });
    const answer = await this.#options.post('/oidc/v1/token', headers, form.toString());
    if (answer.status === 429 || answer.status >= 500) throw new HttpFault(answer);
    const { access_token, expires_in, error } = tokenIn(answer.body.toString());
    if (typeof access_token !== 'string') throw refused(this.#options.host, error);
    return { header: `Bearer ${access_token}`, until: Date.now() + Number(expires_in ?? 3600) * 1000 - EARLY_MS };
  }
}

function tokenIn(body: string): { access_token?: unknown; expires_in?: unknown; error?: unknown } {
  try {
    return JSON.parse(body);
  } catch {
    return { error: 'no JSON' };
  }
}

/** @param error what an OAuth server says, by RFC 6749: `invalid_client` and the like */
function refused(host: string, error: unknown): SqlConnectionError {
  const advice = 'check client id and secret of the service principal';
  return new SqlConnectionError({ fault: 'credentials', message: `${host} gave no OAuth token (${error}): ${advice}` });
}
