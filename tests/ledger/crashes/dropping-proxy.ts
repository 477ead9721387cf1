import { openProxy } from "../../support/postgres-proxy";

/** The statement at which connections drop, and whether Postgres still receives it. */
export interface Drop {
  readonly at: "begin" | "commit";
  readonly loses: "the statement" | "the response";
}

/** A proxy to Postgres that drops every connection when the client sends a statement. */
export function openDroppingProxy(url: string, { at, loses }: Drop) {
  const statement = Buffer.from(`${at}\0`);
  return openProxy(url, ({ client, server, drop }) => {
    let losesResponse = false;
    client.on("data", (message) => {
      const matches = message.includes(statement);
      if (matches && loses === "the statement") return drop();
      losesResponse = matches;
      server.write(message);
    });
    server.on("data", (message) => {
      if (losesResponse) drop();
      else client.write(message);
    });
  });
}
