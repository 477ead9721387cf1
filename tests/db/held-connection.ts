import { openProxy } from "../support/postgres-proxy";

/** Opens a proxied connection to Postgres that records what is sent and can hold responses back. */
export async function openHeldConnection(url: string) {
  let sent = "";
  let isHeld = false;
  let held: (() => void)[] = [];
  const proxy = await openProxy(url, ({ client, server }) => {
    client.on("data", (message) => {
      sent += message.toString("latin1");
      server.write(message);
    });
    server.on("data", (response) => {
      if (isHeld) held.push(() => client.write(response));
      else client.write(response);
    });
  });
  return {
    ...proxy,
    /** What was sent since `hold`. */
    sent: () => sent,
    hold() {
      sent = "";
      isHeld = true;
    },
    release() {
      isHeld = false;
      for (const deliver of held) deliver();
      held = [];
    },
  };
}
