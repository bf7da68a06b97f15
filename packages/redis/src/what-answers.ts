import { createConnection, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { RedisConfig } from '@taskwire/config';
import { placeOf } from './connect.ts';

export type RedisFault = Error & { code?: string; lastNodeError?: RedisFault };

/** Says that a connection ended, but not why: what the server said last may be lost, or was not understood. */
const UNCLEAR =
  /^(ECONNRESET|EPIPE|ETIMEDOUT|EPROTO|ERR_SSL_(?!.*CERTIFICATE_REQUIRED))|Connection is closed|Command timed out|max retries per|Unknown RESP/;

const ANSWERS_WITHIN_MS = 1000;
/** What a server says unasked, of too many clients or, after the handshake, of a certificate that it misses, comes within this. */
const SPEAKS_WITHIN_MS = 200;

/**
 * The fault behind a fault of the network, for people: whoever has too many clients, or is in protected mode, says so and hangs up
 * before it is asked, and one side with TLS and one without only fall silent. It takes at most about 1 s, and asks nothing that
 * needs a right.
 */
export async function explained(config: RedisConfig, fault: RedisFault): Promise<RedisFault> {
  const { code = '', message } = fault.lastNodeError ?? fault;
  if (config.sentinels.length > 0 || !UNCLEAR.test(`${code} ${message}`.trimStart())) return fault;
  const place = placeOf({ ...config, ...config.cluster[0] });
  const plain = createConnection(place);
  // Asked at once, who hangs up would cut off what he has said.
  plain.once('connect', () => setTimeout(() => plain.write('PING\r\n'), SPEAKS_WITHIN_MS));
  const words = await heard(plain, 'data', (bytes) => bytes.toString('latin1'));
  // Who wants TLS hangs up.
  if (words === undefined) return fault;
  if (words instanceof Error && !UNCLEAR.test((words as RedisFault).code ?? 'EPIPE')) return words;
  if (typeof words === 'string') {
    if (/^-(ERR max number of clients|DENIED )/.test(words)) return new Error(words.slice(1).split('\r\n')[0]);
    if (/^[+-]/.test(words)) return config.tls ? faultOf('NO_TLS') : fault;
  }
  // Nothing is sent to whom nobody has checked.
  const tls = connectTls({ ...place, rejectUnauthorized: false });
  const met = await heard(tls, 'secureConnect', () => true, SPEAKS_WITHIN_MS);
  const wants = met instanceof Error && /CERTIFICATE_REQUIRED/.test((met as RedisFault).code ?? '');
  if ((met === true || wants) && !config.tls) return faultOf('ONLY_TLS');
  if (wants) return met;
  return met === true || typeof words !== 'string' ? fault : faultOf('NO_REDIS');
}

function faultOf(code: string): RedisFault {
  return Object.assign(new Error(code), { code });
}

/** What comes first: that event, an error or the end; undefined if nothing does. */
function heard<T>(
  socket: Socket,
  event: string,
  read: (bytes: Buffer) => T,
  waitMs = 0,
): Promise<T | Error | undefined> {
  return new Promise((resolve) => {
    const end = (found?: T | Error) => {
      socket.destroy();
      resolve(found);
    };
    socket.setTimeout(ANSWERS_WITHIN_MS, () => end());
    socket.on('error', end).on('close', () => end(new Error('closed')));
    socket.once(event, (bytes) => (waitMs > 0 ? setTimeout(end, waitMs, read(bytes)) : end(read(bytes))));
  });
}
