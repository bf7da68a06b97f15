import { randomUUID } from 'node:crypto';

/** The service principal that the endpoint knows. */
export interface Principal {
  clientId: string;
  clientSecret: string;
}

/** An HTTP answer in JSON. */
export interface JsonAnswer {
  status: number;
  body: object;
}

/** Issues tokens for client credentials, and says which tokens are valid. */
export class TokenIssuer {
  /** How long a token lives, in seconds. The driver asks for a new one when one has expired. Changeable. */
  lifetimeSeconds = 3_600;
  readonly #principal: Principal;
  readonly #expiry = new Map<string, number>();

  constructor(principal: Principal) {
    this.#principal = principal;
  }

  accepts(token: string): boolean {
    return (this.#expiry.get(token) ?? 0) > Date.now();
  }

  /** Makes all tokens invalid, as an administrator may. */
  revokeAll(): void {
    this.#expiry.clear();
  }

  /** The document that says where the token endpoint is; `origin` such as `https://127.0.0.1:8443`. */
  discovery(origin: string): JsonAnswer {
    return {
      status: 200,
      body: {
        issuer: `${origin}/oidc`,
        authorization_endpoint: `${origin}/oidc/v1/authorize`,
        token_endpoint: `${origin}/oidc/v1/token`,
        scopes_supported: ['all-apis', 'email', 'offline_access', 'openid', 'profile', 'sql'],
        response_types_supported: ['code', 'id_token'],
        grant_types_supported: ['client_credentials', 'authorization_code', 'refresh_token'],
        token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
      },
    };
  }

  /** Answers the token endpoint: credentials in the header (Basic) or the form. */
  issue(authorization: string | undefined, form: URLSearchParams): JsonAnswer {
    if (form.get('grant_type') !== 'client_credentials') {
      return { status: 400, body: { error: 'unsupported_grant_type' } };
    }
    const basic = Buffer.from(authorization?.replace(/^Basic /, '') ?? '', 'base64')
      .toString()
      .split(':');
    const [id, secret] = authorization
      ? basic.map(decodeURIComponent)
      : [form.get('client_id'), form.get('client_secret')];
    if (id !== this.#principal.clientId || secret !== this.#principal.clientSecret) {
      return { status: 401, body: { error: 'invalid_client', error_description: 'Client authentication failed' } };
    }
    const token = this.#token(id);
    this.#expiry.set(token, Date.now() + this.lifetimeSeconds * 1000);
    return {
      status: 200,
      body: { access_token: token, token_type: 'Bearer', expires_in: this.lifetimeSeconds, scope: 'all-apis' },
    };
  }

  /** A JWT without a real signature: the driver reads only its expiry. */
  #token(subject: string): string {
    const now = Math.floor(Date.now() / 1000);
    const parts = [
      { alg: 'none', typ: 'at+jwt' },
      { sub: subject, scope: 'all-apis', iat: now, exp: now + this.lifetimeSeconds, jti: randomUUID() },
    ];
    return [...parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')), 'unsigned'].join('.');
  }
}
