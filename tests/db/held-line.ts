import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A line to Postgres that keeps what is sent, and can hold Postgres's answers back. */
export async function openHeldLine(url: string) {
  const { hostname, port } = new URL(url);
  const open = new Set<Socket>();
  let sent = "";
  let isHeld = false;
  let deliver: (() => void)[] = [];
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("error", end);
      socket.on("close", end);
    }
    client.on("data", (message) => {
      sent += message.toString("latin1");
      upstream.write(message);
    });
    upstream.on("data", (answer) => {
      if (isHeld) deliver.push(() => client.write(answer));
      else client.write(answer);
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
    /** What was sent since the answers are held back. */
    sent: () => sent,
    hold() {
      sent = "";
      isHeld = true;
    },
    release() {
      isHeld = false;
      for (const answer of deliver) answer();
      deliver = [];
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
