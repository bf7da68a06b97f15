import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** A proxy whose every tunnel ends at one port of this machine, whatever host was asked for. */
export interface Tunnel extends AsyncDisposable {
  port: number;
  /** The hosts asked for, such as `x.cloud.databricks.com:443`. */
  hosts: readonly string[];
}

/**
 * Starts such a proxy, for what the driver does only with hosts that look like Databricks' own (OAuth).
 *
 * @param port where the tunnels end, on 127.0.0.1.
 */
export async function startTunnel(port: number): Promise<Tunnel> {
  const hosts: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  };
  server.on('connect', (request, client: Socket) => {
    hosts.push(request.url ?? '');
    const target = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      client.pipe(target).pipe(client);
    });
    for (const socket of [client, target]) keep(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    hosts,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
