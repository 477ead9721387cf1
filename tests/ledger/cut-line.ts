import { openLine } from "../support/line";

/** Which message is the last: it does not arrive, or it arrives and its answer does not. */
export interface Cut {
  readonly at: "begin" | "commit";
  readonly loses: "the statement" | "its answer";
}

/** A line to Postgres that breaks for good, on every connection, at a statement of the client's. */
export function openCutLine(url: string, { at, loses }: Cut) {
  const statement = Buffer.from(`${at}\0`);
  return openLine(url, ({ client, server, cut }) => {
    let answerIsLost = false;
    client.on("data", (message) => {
      const isLast = message.includes(statement);
      if (isLast && loses === "the statement") return cut();
      answerIsLost = isLast;
      server.write(message);
    });
    server.on("data", (message) => {
      if (answerIsLost) cut();
      else client.write(message);
    });
  });
}
