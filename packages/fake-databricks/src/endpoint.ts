import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeCertificate, sharedCertificate } from './certificate.ts';
import { startEngine } from './engine.ts';
import { FaultPlan, type PlannedFault } from './faults.ts';
import { createFront } from './http-front.ts';
import { type Principal, TokenIssuer } from './oauth.ts';
import { type LoggedRequest, RequestLog } from './request-log.ts';
import { DEFAULT_SETTINGS, type EndpointSettings } from './settings.ts';
import { Warehouse } from './warehouse.ts';

export interface EndpointOptions {
  settings?: Partial<EndpointSettings>;
  /** Catalogs that exist, each with a schema `default`. The first is the default of a session. Default: workspace. */
  catalogs?: readonly string[];
  /** Whether its certificate is not shared with other endpoints of this process. Default: false. */
  ownCertificate?: boolean;
}

/** A Databricks SQL warehouse for tests, which the real driver talks to. */
export interface DatabricksEndpoint extends AsyncDisposable {
  host: string;
  port: number;
  path: string;
  token: string;
  /** PEM, for the driver's `customCaCert`. */
  caCertificate: string;
  /** The service principal for OAuth. The driver does OAuth only with hosts that look like Databricks' own. */
  principal: Principal;
  issuer: TokenIssuer;
  /**
   * For OAuth: give this as `host`, leave out `port`, and keep `customCaCert`. It is a trick: the part
   * that looks like Databricks is a query.
   */
  lookalikeHost: string;
  /** May be changed at any time. */
  settings: EndpointSettings;
  /** All calls in the order they came. */
  requests: readonly LoggedRequest[];
  /** Resolves with the nth call of that name (default: the first), which may have come already. */
  received: (name: string, nth?: number) => Promise<LoggedRequest>;
  failNext: (fault: PlannedFault) => void;
  clearFaults: () => void;
  /** Forgets all sessions, as a restart does. */
  expireSessions: () => void;
  /** Ids of the open sessions. */
  readonly openSessions: readonly string[];
  /** Ids of the operations that are not closed, whether their statement has ended or not. */
  readonly openOperations: readonly string[];
  /** Ids of the operations whose statement is still being executed. */
  readonly runningOperations: readonly string[];
  /** Ids of the operations that were cancelled while they ran. */
  cancelled: readonly string[];
  /** Resolves when a statement that contains the text is being executed. */
  running: (text?: string) => Promise<void>;
  /** Resolves when no statement is being executed. */
  idle: () => Promise<void>;
}

const TOKEN = `dapi${'0123456789abcdef'.repeat(2)}`;
const PRINCIPAL: Principal = { clientId: 'test-client', clientSecret: 'test-secret' };
const PATH = '/sql/1.0/warehouses/0123456789abcdef';

/** Starts a warehouse on a free port of 127.0.0.1. It takes about 20 ms. */
export async function startDatabricksEndpoint(options: EndpointOptions = {}): Promise<DatabricksEndpoint> {
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  const catalogs = options.catalogs ?? ['workspace'];
  const issuer = new TokenIssuer(PRINCIPAL);
  const faults = new FaultPlan();
  const log = new RequestLog();
  const files = new Map<string, Buffer>();
  const { certificate, key } = await (options.ownCertificate ? makeCertificate() : sharedCertificate());
  const engine = await startEngine(catalogs);
  const server = createServer({ cert: certificate, key });
  const origin = () => `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const warehouse = new Warehouse(engine, { catalog: catalogs[0] ?? 'workspace', schema: 'default' });
  const publish = (file: Buffer) => {
    const path = `/cloudfetch/${files.size}`;
    files.set(path, file);
    return `${origin()}${path}?signature=abc`;
  };

  server.on(
    'request',
    createFront({
      warehouse,
      settings,
      publish,
      faults,
      log,
      issuer,
      token: TOKEN,
      path: PATH,
      fileAt: (path) => files.get(path),
    }),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    host: '127.0.0.1',
    port,
    lookalikeHost: `127.0.0.1:${port}?.cloud.databricks.com`,
    path: PATH,
    token: TOKEN,
    caCertificate: certificate,
    principal: PRINCIPAL,
    issuer,
    settings,
    requests: log.all,
    received: (name, nth = 1) => log.nth(name, nth),
    failNext: (fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    expireSessions: () => warehouse.expireSessions(),
    get openSessions() {
      return [...warehouse.sessions.keys()];
    },
    get openOperations() {
      return [...warehouse.operations.keys()];
    },
    get runningOperations() {
      return warehouse.running.map((operation) => operation.id);
    },
    cancelled: warehouse.cancelled,
    running: (text = '') =>
      warehouse.when(() => warehouse.running.some((one) => one.state === 'RUNNING' && one.statement.includes(text))),
    idle: () => warehouse.when(() => warehouse.running.length === 0),
    async [Symbol.asyncDispose]() {
      warehouse.expireSessions();
      server.close();
      server.closeAllConnections();
      await warehouse.when(() => warehouse.running.length === 0);
      engine.closeSync();
    },
  };
}
