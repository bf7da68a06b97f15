import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** From now on nothing passes the connections that there are, and neither side hears of it; new ones work. */
  mute: () => void;
  /** Nothing passes the next connection until `release`. */
  holdNext: () => void;
  release: () => void;
}

/** Passes connections on to a port of 127.0.0.1, as what stands between us and a server does, with its faults. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const held = new Set<() => void>();
  let holdsNext = false;
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    const pass = () => void near.pipe(far).pipe(near);
    if (holdsNext) held.add(pass);
    else pass();
    holdsNext = false;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    mute() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    holdNext() {
      holdsNext = true;
    },
    release() {
      for (const pass of held) pass();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
