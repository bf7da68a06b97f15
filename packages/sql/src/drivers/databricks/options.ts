export interface DatabricksOptions {
  /** Without `https://`: `dbc-1234.cloud.databricks.com`. */
  readonly host: string;
  /** Default 443. */
  readonly port?: number;
  /** Of the SQL warehouse: `/sql/1.0/warehouses/abc`. */
  readonly httpPath: string;
  readonly auth: DatabricksAuth;
  /** PEM of a certificate authority to be trusted, where a proxy or a test stands in between. */
  readonly caCertificate?: string;
  readonly catalog?: string;
  readonly schema?: string;
  /** Whether only statements that read are let through: a check of ours, Databricks has no such mode. */
  readonly readOnly: boolean;
  /** So many statements run at a time, each in a session; more wait. Sessions are kept and used again. */
  readonly maxSessions: number;
  /** A session that was not used for so long is closed. */
  readonly idleMs: number;
  /** How long connecting may take, the start of a sleeping warehouse not included. */
  readonly connectTimeoutMs: number;
}

export type DatabricksAuth =
  | { readonly kind: 'token'; readonly token: string }
  /** OAuth machine to machine: a service principal. */
  | { readonly kind: 'oauth'; readonly clientId: string; readonly clientSecret: string };
