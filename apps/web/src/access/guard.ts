import type { WebConfig } from '@taskwire/config';
import type { FastifyContextConfig, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import { isOfApi } from '../api/problem.ts';
import type { Accounts, Role, Visitor } from './accounts.ts';
import type { AttemptLimits } from './attempt-limits.ts';
import { isNamedOrigin, shareWithOrigin } from './cors.ts';
import { isCrossSite, isRead } from './cross-site.ts';
import { createHostCheck } from './host-check.ts';
import { asksByTokenAlone, type Identify, type Identity } from './identify.ts';
import { localPath } from './local-path.ts';
import { REDIS_AWAY, type Refusal, refuse, wantsPage } from './refuse.ts';
import { faultOfSignature, isSigned } from './signed-address.ts';

export interface GuardOptions {
  config: WebConfig;
  accounts: Accounts;
  identify: Identify;
  limits: AttemptLimits;
}

/** Sets who asks, or refuses, before anything else looks at the request. */
export function createGuard({ config, accounts, identify, limits }: GuardOptions): onRequestHookHandler {
  const isAllowedHost = createHostCheck(config);
  return (request, reply, done) => {
    const settle = (answer: Answer | undefined) => {
      if (answer) answer(reply);
      else done();
    };
    if (!accounts.login && !isAllowedHost(request.headers.host)) return settle(refusing(UNKNOWN_HOST));
    // Fastify makes it anew for each who asks.
    const { config: route } = request.routeOptions;
    const signed = isSigned(request, route);
    if (shareWithOrigin(request, reply, { config, isSigned: signed })) return;
    if (signed) return settle(judgeSignature(request, reply));
    const identity = route.open ? undefined : identify(request);
    // Most are known at once: a promise would cost more than all else here.
    if (!(identity instanceof Promise)) return settle(judge(request, reply, { route, identity }));
    identity.then((known) => settle(judge(request, reply, { route, identity: known }))).catch(done);
  };

  function judgeSignature(request: FastifyRequest, reply: FastifyReply): Answer | undefined {
    const fault = faultOfSignature(request, config);
    if (fault) return refusing(fault);
    request.visitor = BY_ADDRESS;
    reply.header('cache-control', 'no-store');
    return undefined;
  }

  function judge(request: FastifyRequest, reply: FastifyReply, { route, identity }: Asking): Answer | undefined {
    const isUnknown = request.is404 && isOfApi(request);
    const {
      // That there is no such route is no secret.
      bounded = isUnknown,
      role = isUnknown || isRead(request.method) ? 'viewer' : 'operator',
    } = route;
    // Without login nobody looks at a token.
    const byTokenAlone = accounts.login && identity?.status === 'known' && asksByTokenAlone(request);
    // Without login there are no cookies that another site could use.
    const isForeign = isCrossSite(request);
    const byOrigin = isForeign && !accounts.login && isNamedOrigin(request, config);
    if (isForeign && !byTokenAlone && !byOrigin) return refusing(CROSS_SITE);
    switch (identity?.status) {
      case undefined:
        return undefined;
      case 'unavailable':
        return refusing(REDIS_AWAY);
      case 'wrong_token':
        return async (reply) => refuseToken(await limits.wrongTokens(request), reply);
      case 'unknown':
        return askForLogin;
      case 'known': {
        // Whoever opens a page of that site has not asked for more.
        const visitor = byOrigin ? atMostPublisher(identity.visitor, request) : identity.visitor;
        if (RANKS.indexOf(visitor.role) < RANKS.indexOf(role)) {
          return refusing({ status: 403, sentence: whyNot(visitor, role, config) });
        }
        if (visitor.bounds && !bounded) return refusing(BOUND);
        request.visitor = visitor;
        // After logout, no cache may bring back what a visitor has seen; static files set their own header.
        if (accounts.login) reply.header('cache-control', 'no-store');
        return undefined;
      }
    }
  }
}

interface Asking {
  route: FastifyContextConfig;
  /** Undefined on a route that is open to anybody. */
  identity: Identity | undefined;
}

/** What a request gets instead of its route. */
type Answer = (reply: FastifyReply) => unknown;

function refusing(refusal: Refusal): Answer {
  return (reply) => refuse(reply, refusal);
}

function atMostPublisher({ role }: Visitor, { headers }: FastifyRequest): Visitor {
  return { name: String(headers.origin), role: role === 'viewer' ? role : 'publisher' };
}

/** From the one who may least. */
const RANKS: readonly Role[] = ['viewer', 'publisher', 'operator'];

/** Who asks by a signed address; it names the task. */
const BY_ADDRESS: Visitor = { name: 'signed address', role: 'viewer' };

const UNKNOWN_HOST: Refusal = {
  status: 403,
  sentence:
    'Without login, this dashboard opens only as localhost or 127.0.0.1, so that no other site can reach it through a browser. ' +
    'Use one of these, or add the name in the address to web.allowed_hosts (TASKWIRE_WEB_ALLOWED_HOSTS).',
};

const CROSS_SITE: Refusal = {
  status: 403,
  sentence:
    'This request comes from another site, or a proxy in front changed its Host: it is refused. Ask from the pages of the ' +
    'dashboard, by bearer token, or have the proxy pass Host on.',
};

const LOGIN_NEEDED: Refusal = {
  status: 401,
  sentence: 'Log in at /login, or send a bearer token of web.tokens.',
  headers: { 'www-authenticate': 'Bearer' },
};

function askForLogin(reply: FastifyReply): FastifyReply {
  if (!wantsPage(reply.request)) return refuse(reply, LOGIN_NEEDED);
  const next = localPath(reply.request.url);
  return reply
    .header('cache-control', 'no-store')
    .redirect(next === '/' ? '/login' : `/login?next=${encodeURIComponent(next)}`);
}

function refuseToken(retryAfterSeconds: number | undefined, reply: FastifyReply): FastifyReply {
  return retryAfterSeconds === undefined
    ? refuse(reply, {
        status: 401,
        sentence: 'This bearer token is not in web.tokens.',
        headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
      })
    : refuse(reply, {
        status: 429,
        sentence: `Too many wrong bearer tokens from this address; try again in ${retryAfterSeconds} s.`,
        headers: { 'retry-after': retryAfterSeconds },
      });
}

const BOUND: Refusal = {
  status: 403,
  sentence:
    'This token is bound to some tasks (in web.tokens): it may submit, find, follow and cancel these by /api/v1, and nothing else.',
};

function whyNot({ name, role }: Visitor, needed: Role, { read_only }: WebConfig): string {
  return read_only
    ? 'This dashboard only shows things: web.read_only is set.'
    : `${name} ${role === 'viewer' ? 'may only look' : 'is a publisher'}; this needs the role ${needed} (in web.users or web.tokens).`;
}
