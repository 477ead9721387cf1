import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

export interface HeardAlert {
  readonly path: string;
  readonly body: string;
}

export interface AlertServices {
  /** The environment that sends alerts here, and to two admins. */
  readonly environment: Readonly<Record<string, string>>;
  /** What was posted since the last `forget`, also what was refused. */
  readonly chat: () => readonly HeardAlert[];
  readonly sentry: () => readonly HeardAlert[];
  readonly forget: () => void;
  /** The status they answer with; 200 at first. */
  status: number;
  close(): void;
}

export const ADMINS = ["ada@qiflow.example", "bo@qiflow.example"];

/** Stands for Sentry and for a chat service; both are spoken to over HTTP as they are in earnest. */
export async function startAlertServices(): Promise<AlertServices> {
  let heard: HeardAlert[] = [];
  const server = createServer(async (request, response) => {
    heard.push({ path: request.url ?? "", body: await text(request) });
    response.writeHead(services.status).end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const host = `127.0.0.1:${address.port}`;
  const at = (path: string) => heard.filter((call) => call.path.startsWith(path));
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
    forget() {
      heard = [];
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return services;
}
