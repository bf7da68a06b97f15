import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Call } from './call.ts';
import { handlersOf } from './calls.ts';
import type { Fault, FaultPlan } from './faults.ts';
import { bodyOf, deliver, refuse, sendJson } from './http-answer.ts';
import type { TokenIssuer } from './oauth.ts';
import type { RequestLog } from './request-log.ts';
import type { EndpointSettings } from './settings.ts';
import type { Warehouse } from './warehouse.ts';
import { answerCall, callName } from './wire.ts';

export interface FrontOptions {
  warehouse: Warehouse;
  settings: EndpointSettings;
  /** Stores a file for CloudFetch and returns its address. */
  publish: (file: Buffer) => string;
  faults: FaultPlan;
  log: RequestLog;
  issuer: TokenIssuer;
  /** Personal access token. */
  token: string;
  /** Of the calls of the protocol. */
  path: string;
  /** The bytes under a path of CloudFetch. */
  fileAt: (path: string) => Buffer | undefined;
}

/** What the lookalike host puts before the path of a request. */
const LOOKALIKE = /^\/?\?\.cloud\.databricks\.com(:\d+)?/;

/** Answers all requests to an endpoint: calls of the protocol, tokens, and files of CloudFetch. */
export function createFront(options: FrontOptions): RequestListener {
  return (request, response) => {
    answer(options, request, response).catch((cause) => {
      if (response.headersSent) response.destroy();
      else refuse(response, 500, String(cause));
    });
  };
}

async function answer(options: FrontOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL((request.url ?? '/').replace(LOOKALIKE, ''), 'https://localhost');
  if (pathname === options.path && request.method === 'POST') return thrift(options, request, response);
  if (pathname === '/oidc/v1/token') return tokens(options, request, response);
  if (pathname.startsWith('/cloudfetch/')) return download(options, pathname, response);
  if (pathname.includes('/.well-known/')) {
    return sendJson(response, options.issuer.discovery(`https://${request.headers.host}`));
  }
  refuse(response, 404, 'Path must be of form /sql/1.0/endpoints/<endpoint_id>');
}

async function thrift(options: FrontOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { faults, log } = options;
  const body = await bodyOf(request);
  const name = callName(body);
  const at = Date.now();
  const fault = faults.take(name);
  if (fault?.kind === 'hang' || fault?.kind === 'http') {
    log.add({ name, at, refused: fault.kind === 'http' ? fault.status : 0 });
    return strike(response, fault);
  }
  if (!isLetIn(options, request)) {
    log.add({ name, at, refused: 401 });
    return refuse(response, 401, 'Invalid access token. [ReqId: 1]');
  }
  const call: Call = { ...options, fault, log: (details) => log.add({ name, at, ...details }) };
  const bytes = await answerCall(handlersOf(call), body);
  if (fault?.kind === 'hold') await fault.until;
  if (call.refusal) return refuse(response, call.refusal.status, call.refusal.message);
  deliver(response, bytes, 'application/x-thrift', fault);
}

async function tokens(options: FrontOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const form = new URLSearchParams((await bodyOf(request)).toString());
  const fault = options.faults.take('oauth');
  options.log.add({ name: 'oauth', at: Date.now() });
  if (fault) return strike(response, fault);
  sendJson(response, options.issuer.issue(request.headers.authorization, form));
}

function download(options: FrontOptions, path: string, response: ServerResponse): void {
  const fault = options.faults.take('download');
  options.log.add({ name: 'download', at: Date.now() });
  const file = options.fileAt(path);
  if (fault?.kind === 'hang' || fault?.kind === 'http') strike(response, fault);
  else if (file) deliver(response, file, 'application/octet-stream', fault);
  else refuse(response, 404);
}

/** Answers as the fault says when there is no content: by a status, never, or by a broken connection. */
function strike(response: ServerResponse, fault: Fault): void {
  if (fault.kind === 'http') refuse(response, fault.status, fault.message, fault.retryAfterSeconds);
  else if (fault.kind !== 'hang') response.socket?.destroy();
}

function isLetIn({ token, issuer }: FrontOptions, { headers: { authorization = '' } }: IncomingMessage): boolean {
  const given = authorization.replace(/^Bearer /, '');
  return given === token || issuer.accepts(given);
}
