import { X509Certificate } from 'node:crypto';
import type { Agent } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { DBSQLClient, thrift } from '@databricks/sql';
import { SqlConnectionError } from '../../sql-error.ts';
import { basicCredentials } from './connection-faults.ts';
import { type HttpAnswer, HttpFault } from './http-fault.ts';
import type { ThriftAuth, ThriftOptions } from './options.ts';
import type { Method, RequestOf, ResponseOf } from './protocol.ts';
import { watched } from './watched-requests.ts';

const { TCLIService } = thrift;

/** For the reason that a refusal has in its body. */
const BODY_WITHIN_MS = 2000;

const METHODS: readonly Method[] = [
  'OpenSession',
  'CloseSession',
  'ExecuteStatement',
  'GetOperationStatus',
  'GetResultSetMetadata',
  'FetchResults',
  'CancelOperation',
  'CloseOperation',
];

/** Neither the connection nor the statement is at fault: an unsupported version of the library is installed. */
export class ChangedLibraryError extends Error {}

/**
 * What we take from `@databricks/sql`: connections, credentials (OAuth, too) and Thrift. Not its sessions and operations,
 * because they convert results with loss (duplicate columns, microseconds, digits), drop the SQLSTATE and retry wrongly.
 *
 * Uses `DBSQLClient` with `connect()`, `close()` and its `IClientContext`: `getClient()`, `getConnectionProvider()`. That
 * they are there is checked, so that a later version which changes them fails at once and plainly.
 */
export class Library {
  readonly #client = new DBSQLClient({ logger: { log: () => undefined } });
  readonly #options: ThriftOptions;
  #connected: Promise<Agent> | undefined;
  #firstClient: Promise<unknown> | undefined;

  constructor(options: ThriftOptions) {
    this.#options = options;
  }

  /** Makes one call, once. @throws {HttpFault} or what Node's sockets throw */
  async call<M extends Method>(method: M, request: RequestOf<M>): Promise<ResponseOf<M>> {
    await this.agent();
    try {
      return await watched(this.#options.connectTimeoutMs, () => this.#call(method, request));
    } catch (thrown) {
      throw thrown instanceof ChangedLibraryError ? thrown : await faultOf(thrown);
    }
  }

  async #call<M extends Method>(method: M, request: RequestOf<M>): Promise<ResponseOf<M>> {
    // If asked twice at once for the first time, the library makes two clients, and one gets no answers.
    this.#firstClient ??= this.#client.getClient().catch((thrown: unknown) => {
      this.#firstClient = undefined;
      throw thrown;
    });
    await this.#firstClient;
    // Fetches a new token by OAuth when the old one has expired.
    const client = await this.#client.getClient();
    type Call = (request: RequestOf<M>, callback: (error: unknown, response: ResponseOf<M>) => void) => void;
    const call = client[method] as unknown as Call;
    return new Promise((resolve, reject) => {
      call.call(client, request, (error, response) => (error ? reject(error) : resolve(response)));
    });
  }

  /** Holds the connections; for downloads, which trust the same certificates. */
  agent(): Promise<Agent> {
    this.#connected ??= this.#connect();
    return this.#connected;
  }

  async close(): Promise<void> {
    if (!this.#connected) return;
    const agent = await this.#connected.catch(() => undefined);
    await this.#client.close();
    agent?.destroy();
  }

  /** Opens nothing yet: the library connects with the first call. */
  async #connect(): Promise<Agent> {
    const { host, port, httpPath, auth, tls = true, caCertificate } = this.#options;
    if (!tls) this.#speakPlainly();
    const connected = this.#client.connect({
      host,
      path: httpPath,
      ...credentialsOf(auth),
      ...(port !== undefined && { port }),
      ...(caCertificate !== undefined && { customCaCert: caCertificate }),
      // Otherwise it first asks for "feature flags", with the token, and for 30 s if that host is blocked.
      telemetryEnabled: false,
      // It reads the seconds of Retry-After as milliseconds. We retry ourselves.
      retryMaxAttempts: 1,
      userAgentEntry: 'taskwire',
    });
    // Nothing is connected yet: only its options can be wrong.
    const checked = connected.then(() => caCertificate && new X509Certificate(caCertificate));
    await checked.catch((thrown: Error) => {
      const why = caCertificate ? 'its ca_file holds no certificate (-----BEGIN CERTIFICATE-----)' : thrown.message;
      const message = `The connection to ${host} cannot be set up: ${why}`;
      throw new SqlConnectionError({ fault: 'tls', message });
    });
    const missing = METHODS.find((method) => typeof TCLIService.Client.prototype[method] !== 'function');
    if (missing !== undefined) throw changed(`the call ${missing}`);
    if (typeof this.#client.getClient !== 'function') throw changed('the method getClient');
    const provider = await this.#client.getConnectionProvider?.();
    const agent = await provider?.getAgent?.();
    if (typeof agent?.destroy !== 'function') throw changed('its HTTP agent');
    const connection = (await provider.getThriftConnection()) as unknown as { config?: { redirect?: string } };
    if (!connection.config) throw changed('the settings of its requests');
    // Otherwise it follows, with a GET, and says nothing of where to.
    connection.config.redirect = 'manual';
    return agent as Agent;
  }

  /** The library has no option for HTTP without TLS: it sets `https` for good where it makes its connections' options. */
  #speakPlainly(): void {
    const client = this.#client as unknown as { getConnectionOptions?: (options: unknown) => object };
    const secure = client.getConnectionOptions;
    if (typeof secure !== 'function') throw changed('the method getConnectionOptions');
    client.getConnectionOptions = (options) => ({ ...secure.call(client, options), https: false });
  }
}

function credentialsOf(auth: ThriftAuth) {
  if (auth.kind === 'token') return { authType: 'access-token', token: auth.token } as const;
  if (auth.kind === 'basic') {
    const header = `Basic ${basicCredentials(auth)}`;
    return { authType: 'custom', provider: { authenticate: async () => ({ Authorization: header }) } } as const;
  }
  return {
    authType: 'databricks-oauth',
    oauthClientId: auth.clientId,
    oauthClientSecret: auth.clientSecret,
    // A secret that Databricks has issued, also in Azure; otherwise it would be one of Microsoft Entra ID.
    useDatabricksOAuthInAzure: true,
  } as const;
}

/** What matters in the library's errors. The errors themselves hold requests, and so the token: they go no further. */
async function faultOf(thrown: unknown): Promise<Error> {
  const { payload, response } = thrown as { payload?: unknown; response?: HttpAnswer };
  if (isAnswer(response)) {
    const body = response.text?.().catch(() => '');
    return new HttpFault(response, await Promise.race([body, pause(BODY_WITHIN_MS, '', { ref: false })]));
  }
  return typeof payload === 'object' && payload !== null ? faultOf(payload) : plain(thrown);
}

function isAnswer(response: HttpAnswer | undefined): response is HttpAnswer {
  return typeof response?.status === 'number' && typeof response.headers?.get === 'function';
}

/** `error` is what an OAuth server says. */
function plain(thrown: unknown): Error {
  const { message, code, name, error } = thrown as { message?: string; code?: string; name?: string; error?: unknown };
  const plainError = Object.assign(new Error(message ?? String(thrown)), { code, name: name ?? 'Error' });
  return typeof error === 'string' ? Object.assign(plainError, { error }) : plainError;
}

function changed(what: string): ChangedLibraryError {
  const message = `This version of @databricks/sql lacks ${what}, which the driver needs: install version 2.1.0`;
  return new ChangedLibraryError(message);
}
