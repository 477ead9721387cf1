import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";

export interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly timestamp: string;
  readonly data: Record<string, unknown>;
}

export interface Receiver {
  readonly url: string;
  /** The events of the requests whose signature the library has verified. */
  readonly events: ReceivedEvent[];
  /** What the next requests get. */
  status: number;
  requests: number;
  secret: string;
  close(): Promise<void>;
}

/** An HTTP server on loopback that verifies signatures as a customer's does. */
export async function startReceiver(): Promise<Receiver> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    receiver.requests += 1;
    if (receiver.status === 200) {
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      );
      try {
        const body = Buffer.concat(chunks).toString("utf8");
        receiver.events.push(new Webhook(receiver.secret).verify(body, headers) as ReceivedEvent);
      } catch {
        response.writeHead(401).end("wrong signature");
        return;
      }
    }
    const location = { location: "http://127.0.0.1:1/elsewhere" };
    response.writeHead(receiver.status, receiver.status === 302 ? location : {}).end("body");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`,
    events: [],
    status: 200,
    requests: 0,
    secret: "",
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}
