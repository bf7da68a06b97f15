import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as secure } from 'node:tls';

export interface CancelRequestOptions {
  /** Address of the server that runs the statement, or the path of its Unix socket. */
  address: { host: string; port: number } | { path: string };
  /** Undefined without TLS; with it, the name that the certificate is for. */
  tls: (ConnectionOptions & { host: string }) | undefined;
  processId: number;
  secretKey: number;
  signal: AbortSignal;
}

const TLS_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
const CANCEL_CODE = 0x04d2162e;

/**
 * Asks the server, over a new connection, to cancel what one of its processes runs. That takes no password and none of
 * the server's connection slots. When this resolves, the process has the signal; the server does not say whether a
 * statement was running.
 *
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS
 *
 * @throws when the server cannot be reached, and the signal's reason: the request may still arrive later
 */
export async function sendCancelRequest(options: CancelRequestOptions): Promise<void> {
  const { address, tls, processId, secretKey, signal } = options;
  signal.throwIfAborted();
  const socket = connect(address);
  const onAbort = () => socket.destroy(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await once(socket, 'connect');
    const stream = tls ? await encrypted(socket, tls) : socket;
    const closed = once(stream, 'close');
    stream.write(cancelMessage(processId, secretKey));
    stream.resume();
    await closed;
  } finally {
    signal.removeEventListener('abort', onAbort);
    socket.destroy();
  }
}

async function encrypted(socket: Socket, tls: ConnectionOptions & { host: string }): Promise<Socket> {
  socket.write(TLS_REQUEST);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  if (answer.toString() !== 'S') throw new Error('the server does not speak TLS any more');
  const name = isIP(tls.host) === 0 ? { servername: tls.host } : {};
  const stream = secure({ ...tls, ...name, socket });
  await once(stream, 'secureConnect');
  return stream;
}

function cancelMessage(processId: number, secretKey: number): Buffer {
  const message = Buffer.alloc(16);
  message.writeInt32BE(message.length, 0);
  message.writeInt32BE(CANCEL_CODE, 4);
  message.writeInt32BE(processId, 8);
  message.writeInt32BE(secretKey, 12);
  return message;
}
