export interface PostgresOptions {
  /** `postgres://user:password@host:port/database?sslmode=require`; what stands beside it wins. */
  readonly url?: string;
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
  /** `disable`, `require` (encrypted, whoever it is) or `verify-full`. Default: what the URL says, else `disable`. */
  readonly tls?: 'disable' | 'require' | 'verify-full';
  /** PEM of the authority that signed the server's certificate, where it is not a public one. */
  readonly caCertificate?: string;
  /** The search path. Default: the database's own. */
  readonly schema?: string;
  /** Whether each statement runs in a transaction that the server keeps from writing. */
  readonly readOnly: boolean;
  /** So many statements run at a time; more wait. Connections are kept and used again. */
  readonly maxConnections: number;
  /** A connection that was not used for so long is closed. */
  readonly idleMs: number;
  readonly connectTimeoutMs: number;
}
