import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

export interface ReceivedAlert {
  readonly path: string;
  readonly body: string;
}

export interface AlertServices {
  /** Environment that sends alerts to these services and to two admins. */
  readonly environment: Readonly<Record<string, string>>;
  /** The requests to the chat webhook since the last `clear`, rejected ones included. */
  readonly chat: () => readonly ReceivedAlert[];
  readonly sentry: () => readonly ReceivedAlert[];
  readonly clear: () => void;
  /** The status both services respond with. */
  status: number;
  close(): void;
}

export const ADMINS = ["ada@qiflow.example", "bo@qiflow.example"];

/** Starts an HTTP server that stands for Sentry and for a chat service. */
export async function startAlertServices(): Promise<AlertServices> {
  let received: ReceivedAlert[] = [];
  const server = createServer(async (request, response) => {
    received.push({ path: request.url ?? "", body: await text(request) });
    response.writeHead(services.status).end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const host = `127.0.0.1:${address.port}`;
  const at = (path: string) => received.filter((request) => request.path.startsWith(path));
  const services: AlertServices = {
    environment: {
      QIFLOW_EMBEDDED: "1",
      ADMIN_EMAILS: ADMINS.join(","),
      ALERT_WEBHOOK_URL: `http://${host}/chat`,
      SENTRY_DSN: `http://key@${host}/7`,
    },
    status: 200,
    chat: () => at("/chat"),
    sentry: () => at("/api/7/envelope"),
    clear() {
      received = [];
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return services;
}
