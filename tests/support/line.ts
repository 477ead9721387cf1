import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** One connection of a line, its two sides not yet joined. */
export interface LineEnds {
  readonly client: Socket;
  readonly server: Socket;
  cut(): void;
}

/**
 * A line to Postgres in between; `join` says what becomes of what either side sends. What is sent on
 * loopback as one short message arrives in one piece.
 */
export async function openLine(url: string, join: (ends: LineEnds) => void) {
  const { hostname, port } = new URL(url);
  const open = new Set<Socket>();
  const listener = createServer((client) => {
    const server = connect(Number(port), hostname);
    const cut = () => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      open.add(socket);
      socket.on("error", cut);
      socket.on("close", cut);
    }
    join({ client, server, cut });
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("There is no port.");
  const line = new URL(url);
  line.hostname = "127.0.0.1";
  line.port = String(address.port);
  return {
    url: line.href,
    async close() {
      for (const socket of open) socket.destroy();
      listener.close();
      await once(listener, "close");
    },
  };
}
