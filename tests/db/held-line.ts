import { openProxy } from "../support/postgres-proxy";

/** A line to Postgres that keeps what is sent, and can hold Postgres's answers back. */
export async function openHeldLine(url: string) {
  let sent = "";
  let isHeld = false;
  let deliver: (() => void)[] = [];
  const line = await openProxy(url, ({ client, server }) => {
    client.on("data", (message) => {
      sent += message.toString("latin1");
      server.write(message);
    });
    server.on("data", (answer) => {
      if (isHeld) deliver.push(() => client.write(answer));
      else client.write(answer);
    });
  });
  return {
    ...line,
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
  };
}
