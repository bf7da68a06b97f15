import type { Dialect, SessionOptions } from './dialect.ts';

export interface ThriftOptions extends SessionOptions {
  readonly dialect: Dialect;
  /** Without `https://`: `dbc-1234.cloud.databricks.com`. */
  readonly host: string;
  /** Default 443. */
  readonly port?: number;
  /** Of the SQL warehouse: `/sql/1.0/warehouses/abc`; of a Spark Thrift server: `/cliservice`. */
  readonly httpPath: string;
  readonly auth: ThriftAuth;
  /** Default true. False: HTTP in the clear. */
  readonly tls?: boolean;
  /** PEM of a certificate authority to be trusted, where a proxy or a test stands in between. */
  readonly caCertificate?: string;
  /** Whether only statements that read are let through: a check of ours, the servers have no such mode. */
  readonly readOnly: boolean;
  /** Statements at a time, each in a session; more wait. Sessions are kept and used again. */
  readonly maxSessions: number;
  /** A session is closed when it was not used for this long. */
  readonly idleMs: number;
  /** How long connecting may take, without the start of a stopped warehouse. */
  readonly connectTimeoutMs: number;
  /** A call, or a download, fails when nothing comes for this long. */
  readonly answerTimeoutMs: number;
  /** For calls and downloads. Default: none. */
  readonly proxy?: ThriftProxy;
}

export interface ThriftProxy {
  /** May have user and password. */
  readonly url: string;
  /** Hosts that are reached without it, as `NO_PROXY` names them. */
  readonly except: string;
}

export type ThriftAuth =
  | { readonly kind: 'token'; readonly token: string }
  /** OAuth machine to machine: a service principal. */
  | { readonly kind: 'oauth'; readonly clientId: string; readonly clientSecret: string }
  /** HTTP's Basic authentication. A server that asks for none still wants a name. */
  | { readonly kind: 'basic'; readonly user: string; readonly password: string };
