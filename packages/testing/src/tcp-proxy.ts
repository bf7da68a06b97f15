import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** From now on nothing passes the connections that there are, and neither side hears of it; new ones work. */
  mute: () => void;
  /** Nothing passes the next connection until `release`. */
  holdNext: () => void;
  release: () => void;
  /** Ends the connections that there are; new ones work. */
  cut: () => void;
  /** Mutes the connections that there are and all new ones, until it is called with false: then what was sent arrives. */
  blackhole: (on: boolean) => void;
  /** Ends the connections that there are, and refuses new ones, until it is called with false. */
  refuse: (on: boolean) => Promise<void>;
}

/** Passes connections on to a port of 127.0.0.1, as what stands between us and a server does, with its faults. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  const held = new Set<Pair>();
  let holdsNext = false;
  let isBlackhole = false;
  const server = createServer((near) => {
    const pair = new Pair(near, connect(target, '127.0.0.1'), () => pairs.delete(pair));
    pairs.add(pair);
    if (holdsNext) held.add(pair);
    else if (!isBlackhole) pair.pass();
    holdsNext = false;
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const each = (act: (pair: Pair) => void) => [...pairs].forEach(act);
  return {
    port,
    mute: () => each((pair) => pair.mute()),
    holdNext() {
      holdsNext = true;
    },
    release() {
      for (const pair of held) pair.pass();
    },
    cut: () => each((pair) => pair.cut()),
    blackhole(on) {
      isBlackhole = on;
      each((pair) => (on ? pair.mute() : pair.pass()));
    },
    async refuse(on) {
      if (server.listening !== on) return;
      if (on) await close();
      else await once(server.listen(port, '127.0.0.1'), 'listening');
    },
    async [Symbol.asyncDispose]() {
      if (server.listening) await close();
    },
  };

  async function close() {
    const closed = once(server, 'close');
    server.close();
    each((pair) => pair.cut());
    await closed;
  }
}

/** A connection to the proxy, and its own to the server. */
class Pair {
  readonly #near: Socket;
  readonly #far: Socket;
  readonly #onEnd: () => void;
  #passes = false;

  constructor(near: Socket, far: Socket, onEnd: () => void) {
    this.#near = near;
    this.#far = far;
    this.#onEnd = onEnd;
    for (const socket of [near, far]) {
      socket.on('error', () => undefined);
      socket.on('close', () => this.#passes && this.cut());
    }
  }

  pass(): void {
    this.#passes = true;
    if (this.#near.destroyed || this.#far.destroyed) this.cut();
    else this.#near.pipe(this.#far).pipe(this.#near);
  }

  mute(): void {
    this.#passes = false;
    for (const socket of [this.#near, this.#far]) socket.unpipe().pause();
  }

  cut(): void {
    this.#near.destroy();
    this.#far.destroy();
    this.#onEnd();
  }
}
