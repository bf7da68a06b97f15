export interface PostgresOptions {
  /** `postgres://user:password@host:port/database?sslmode=require`; the fields below win. */
  readonly url?: string;
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
  /** `disable`, `require` (encrypted, certificate not checked) or `verify-full`. Default: as the URL says, else `disable`. */
  readonly tls?: 'disable' | 'require' | 'verify-full';
  /** PEM of the authority that signed the server's certificate, if it is not a public one. */
  readonly caCertificate?: string;
  /** The search path. Default: the database's own. */
  readonly schema?: string;
  /** Whether each statement runs in a read-only transaction. */
  readonly readOnly: boolean;
  /** Statements at a time; more wait. Connections are kept and used again. */
  readonly maxConnections: number;
  /** A connection is closed when it was not used for this long. */
  readonly idleMs: number;
  readonly connectTimeoutMs: number;
}
