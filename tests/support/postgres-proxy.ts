import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** One proxied connection. Nothing is forwarded until the test connects its two sockets. */
export interface ProxiedConnection {
  readonly client: Socket;
  readonly server: Socket;
  /** Destroys both sockets. */
  drop(): void;
}

/**
 * Starts a TCP proxy in front of Postgres. `forward` decides what reaches the other side. A short
 * message arrives as one chunk on loopback.
 */
export async function openProxy(url: string, forward: (connection: ProxiedConnection) => void) {
  const { hostname, port } = new URL(url);
  const open = new Set<Socket>();
  const listener = createServer((client) => {
    const server = connect(Number(port), hostname);
    const drop = () => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      open.add(socket);
      socket.on("error", drop);
      socket.on("close", drop);
    }
    forward({ client, server, drop });
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("The proxy has no port.");
  const proxyUrl = new URL(url);
  proxyUrl.hostname = "127.0.0.1";
  proxyUrl.port = String(address.port);
  return {
    url: proxyUrl.href,
    async close() {
      for (const socket of open) socket.destroy();
      listener.close();
      await once(listener, "close");
    },
  };
}
