import type { Socket } from 'node:net';
import { Client, DatabaseError } from 'pg';
import type { Pooled } from '../../pool.ts';
import { SqlConnectionError, SqlError } from '../../sql-error.ts';
import { type AboutServer, askAboutServer } from './about-server.ts';
import { sendCancelRequest } from './cancel-request.ts';
import { connectError, cutError, isConnectionEnd } from './connection-errors.ts';
import { type Answer, Exchange, type ExchangeOptions } from './exchange.ts';
import { watchMessageSizes } from './message-sizes.ts';
import { isSocketFolder, type Target, tlsOptions } from './target.ts';

export interface ConnectOptions {
  target: Target;
  timeoutMs: number;
  signal: AbortSignal;
}

/** A cancel request is lost if nothing can be cancelled when it arrives, so it is repeated. */
const CANCEL_AGAIN_AFTER_MS = 50;
/** If a statement has not stopped by then, its connection is cut. */
const CANCEL_WITHIN_MS = 1000;
const KEEP_ALIVE_AFTER_MS = 15_000;
const MEGABYTE = 1024 * 1024;
const MAX_ROW_BYTES = 64 * MEGABYTE;
/** How the settings that `values.ts` relies on must begin, as far as the server reports their changes. */
const READ_AS: Readonly<Record<string, string>> = {
  client_encoding: 'UTF8',
  DateStyle: 'ISO',
  IntervalStyle: 'iso_8601',
  TimeZone: 'UTC',
};

/** One connection to a server, on which one thing happens at a time. */
export class PostgresConnection implements Pooled, AboutServer {
  wasIdle = false;
  checksClient = false;
  mayKeepMore = false;
  timeoutMs = 0;
  /** Whether it ended while something ran that was told to stop. */
  wasCutRunning = false;
  readonly #target: Target;
  readonly #client: Client;
  #isOpen = true;
  #activity: 'stoppable' | 'unstoppable' | undefined;
  #stopping: NodeJS.Timeout | undefined;
  #cancelling: Promise<void> | undefined;
  /** The server's settings, as it reports their changes. */
  readonly #settings = new Map<string, string>();
  /** Why we ended the connection ourselves. */
  #failure: SqlError | undefined;

  /**
   * @throws {SqlConnectionError} when the server cannot be reached, or refuses the login
   * @throws `signal.reason` after the abort
   */
  static async open({ target, timeoutMs, signal }: ConnectOptions): Promise<PostgresConnection> {
    signal.throwIfAborted();
    const connection = new PostgresConnection(target, timeoutMs);
    const onAbort = () => connection.destroy();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await connection.#client.connect();
      connection.#watchSizes();
      Object.assign(connection, await askAboutServer(connection));
      signal.throwIfAborted();
      return connection;
    } catch (thrown) {
      connection.destroy();
      signal.throwIfAborted();
      throw connectError(thrown, target);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  private constructor(target: Target, timeoutMs: number) {
    this.#target = target;
    const { host, port, database, user, password } = target;
    this.#client = new Client({
      host,
      port,
      database,
      user,
      // A function, because without a password `pg` looks for one in the environment and in files.
      password: () => password ?? Promise.reject(noPassword(target)),
      ssl: isSocketFolder(host) ? false : tlsOptions(target),
      sslnegotiation: 'postgres',
      application_name: 'taskwire',
      connectionTimeoutMillis: timeoutMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    });
    // Without a listener an error of an idle connection would end the process.
    this.#client.on('error', () => this.destroy());
    this.#client.on('end', () => {
      this.#isOpen = false;
    });
    this.#client.connection.on('parameterStatus', ({ parameterName, parameterValue }) => {
      this.#settings.set(parameterName, parameterValue);
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** A setting that a statement changed and that we need for reading values; undefined if there is none. */
  get changedSetting(): string | undefined {
    return Object.keys(READ_AS).find((name) => !this.#settings.get(name)?.startsWith(READ_AS[name] as string));
  }

  /** The stream of rows, which the receiver pauses and resumes. */
  get stream(): Pick<Socket, 'pause' | 'resume'> {
    return this.#client.connection.stream as Socket;
  }

  /**
   * A round trip that `stop` ends.
   *
   * @throws {DatabaseError} of `pg` when the server reports an error
   * @throws {SqlError} `too_large` when a row is; then the connection cannot be used again
   * @throws {SqlConnectionError} when the connection has ended, or ends meanwhile
   */
  exchange(options: ExchangeOptions): Promise<Answer> {
    return this.#during('stoppable', () => this.#submit(options));
  }

  /** A round trip that must be finished once begun. Throws like `exchange`. */
  finish(options: ExchangeOptions): Promise<Answer> {
    return this.#during('unstoppable', () => this.#submit(options));
  }

  /** Runs a statement of our own, with the values in place of `$1`, and returns its rows. Throws like `exchange`. */
  ask<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    return this.#during('unstoppable', async () => (await this.#client.query<Row>(text, values)).rows);
  }

  /** Ends what is under way, in the server too, within a second. Does nothing if nothing is. */
  stop(): void {
    if (!this.#activity || this.#stopping) return;
    // Reading on would delay the request.
    this.stream.pause();
    const startedAt = performance.now();
    const cancel = () => {
      if (performance.now() - startedAt > CANCEL_WITHIN_MS) this.destroy();
      else if (this.#activity === 'stoppable') this.#cancelling ??= this.#cancel();
      else this.stream.resume();
    };
    this.#stopping = setInterval(cancel, CANCEL_AGAIN_AFTER_MS);
    cancel();
  }

  /** Closes the connection, cleanly if it can still be used. Call it when nothing runs. */
  async close(): Promise<void> {
    if (!this.#isOpen) return this.destroy();
    this.#isOpen = false;
    const timer = setTimeout(() => this.destroy(), CANCEL_WITHIN_MS);
    await this.#client.end().catch(() => undefined);
    clearTimeout(timer);
  }

  /** Cuts the connection, whatever happens on it. */
  destroy(): void {
    this.#isOpen = false;
    this.#client.connection.stream.destroy();
  }

  #watchSizes(): void {
    watchMessageSizes({
      stream: this.#client.connection.stream,
      maxBytes: MAX_ROW_BYTES,
      onTooLarge: (bytes) => {
        const message = `A row has ${Math.ceil(bytes / MEGABYTE)} MiB, and may have at most ${MAX_ROW_BYTES / MEGABYTE}`;
        this.#failure ??= new SqlError({ code: 'too_large', message });
        this.destroy();
      },
    });
  }

  async #cancel(): Promise<void> {
    const { processID, secretKey } = this.#client as unknown as { processID: number; secretKey: number };
    const { remoteAddress, remotePort } = this.#client.connection.stream as Socket;
    const { host, port } = this.#target;
    const tls = tlsOptions(this.#target);
    try {
      await sendCancelRequest({
        // Not the host by its name, which may mean several servers.
        address: isSocketFolder(host)
          ? { path: `${host}/.s.PGSQL.${port}` }
          : { host: remoteAddress ?? host, port: remotePort ?? port },
        tls: tls && !isSocketFolder(host) ? { ...tls, host } : undefined,
        processId: processID,
        secretKey,
        signal: AbortSignal.timeout(CANCEL_WITHIN_MS),
      });
    } catch {
      // It may arrive late and hit another statement: so nothing else runs on this connection.
      this.#isOpen = false;
    } finally {
      this.#cancelling = undefined;
      // The server notices only if it is not waiting for us to read its rows.
      this.stream.resume();
    }
  }

  #submit(options: ExchangeOptions): Promise<Answer> {
    const exchange = new Exchange(options);
    this.#client.query(exchange);
    return exchange.done;
  }

  async #during<T>(activity: 'stoppable' | 'unstoppable', work: () => Promise<T>): Promise<T> {
    this.#activity = activity;
    try {
      return await work();
    } catch (thrown) {
      this.wasCutRunning = this.#stopping !== undefined && !(thrown instanceof DatabaseError);
      throw this.#errorOf(thrown);
    } finally {
      this.#activity = undefined;
      clearInterval(this.#stopping);
      this.#stopping = undefined;
      // A request still on its way must not hit the next statement.
      await this.#cancelling;
    }
  }

  #errorOf(thrown: unknown): unknown {
    if (!isConnectionEnd(thrown)) return thrown;
    this.destroy();
    if (this.#failure) return this.#failure;
    return cutError(thrown, this.#target);
  }
}

function noPassword({ user }: Target): SqlConnectionError {
  const message = `PostgreSQL wants the password of user "${user}", but none is configured`;
  return new SqlConnectionError({ fault: 'credentials', message });
}
