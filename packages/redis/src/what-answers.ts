import { createConnection, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { RedisConfig } from '@taskwire/config';
import { placeOf } from './connect.ts';

export type RedisFault = Error & { code?: string; lastNodeError?: RedisFault };

/** Says that a connection ended, but not why: what the server said last may be lost, or was not understood. */
const UNCLEAR =
  /^(ECONNRESET|EPIPE|ETIMEDOUT|EPROTO|ERR_SSL_(?!.*CERTIFICATE_REQUIRED))|Connection is closed|Command timed out|max retries per request|Unknown RESP type/;

const ANSWERS_WITHIN_MS = 1000;
const MISSES_WITHIN_MS = 200;

/**
 * The fault behind a fault of the network, for people: whoever has too many clients, or is in protected mode, says so and hangs up
 * before it is asked, and one side with TLS and one without only fall silent. It takes at most about 1 s, and asks nothing that
 * needs a right.
 */
export async function explained(config: RedisConfig, fault: RedisFault): Promise<RedisFault> {
  const { code = '', message } = fault.lastNodeError ?? fault;
  if (config.sentinels.length > 0 || !UNCLEAR.test(`${code} ${message}`.trimStart())) return fault;
  const place = { ...config, ...config.cluster[0] };
  const words = await firstWords(createConnection(placeOf(place)));
  if (words === undefined) return fault;
  if (/^-(ERR max number of clients|DENIED )/.test(words)) return new Error(words.slice(1).split('\r\n')[0]);
  if (/^[+-]/.test(words)) return config.tls ? faultOf('NO_TLS') : fault;
  const tls = await answerByTls(place);
  if (tls && !config.tls) return faultOf('ONLY_TLS');
  if (tls instanceof Error) return tls;
  return tls || words === '' ? fault : faultOf('NO_REDIS');
}

function faultOf(code: string): RedisFault {
  return Object.assign(new Error(code), { code });
}

/** Undefined when it says nothing and does not hang up, as none does that wants TLS. */
function firstWords(socket: Socket): Promise<string | undefined> {
  return new Promise((resolve) => {
    const end = (words?: string) => {
      socket.destroy();
      resolve(words);
    };
    socket.setTimeout(ANSWERS_WITHIN_MS, () => end());
    socket.on('error', () => end('')).on('close', () => end(''));
    socket.once('data', (bytes) => end(bytes.toString('latin1')));
    socket.write('PING\r\n');
  });
}

/** Whether it speaks TLS, and what it holds against us then. */
function answerByTls(place: RedisConfig): Promise<boolean | Error> {
  return new Promise((resolve) => {
    // Nothing is sent to whom nobody has checked.
    const socket = connectTls({ ...placeOf(place), rejectUnauthorized: false });
    const end = (answer: boolean | Error) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ANSWERS_WITHIN_MS, () => end(false));
    socket.on('error', (error: RedisFault) => end(/CERTIFICATE_REQUIRED/.test(error.code ?? '') && error));
    socket.on('close', () => end(false));
    // Only after the handshake it says that it misses a certificate.
    socket.once('secureConnect', () => setTimeout(end, MISSES_WITHIN_MS, true));
  });
}
