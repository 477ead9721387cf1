import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** Which message is the last: it does not arrive, or it arrives and its answer does not. */
export interface Cut {
  readonly at: "begin" | "commit";
  readonly loses: "the statement" | "its answer";
}

/**
 * A line to Postgres that breaks for good, on every connection, at a statement of the client's. What
 * is sent on loopback as one short message arrives in one piece.
 */
export async function openCutLine(url: string, { at, loses }: Cut) {
  const { hostname, port } = new URL(url);
  const statement = Buffer.from(`${at}\0`);
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let answerIsLost = false;
    const breakLine = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("error", breakLine);
      socket.on("close", breakLine);
    }
    client.on("data", (message) => {
      const isLast = message.includes(statement);
      if (isLast && loses === "the statement") return breakLine();
      answerIsLost = isLast;
      upstream.write(message);
    });
    upstream.on("data", (message) => {
      if (answerIsLost) breakLine();
      else client.write(message);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("There is no port.");
  const line = new URL(url);
  line.hostname = "127.0.0.1";
  line.port = String(address.port);
  return {
    url: line.href,
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
