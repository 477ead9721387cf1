import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { OPERATOR_ACTOR } from "@/db/schema";
import { openOperatorDatabase } from "./operator/operator-database";
import { completeEnvironment } from "./operator/operator-environment";

const HELP = `npm run replay -- evt_…          replays a dead, ignored or pending Stripe event
npm run replay -- evt_… evt_…    replays several, in this order
npm run replay -- --all-dead     replays the whole dead-letter queue, oldest first`;

/**
 * `npm run replay`: replays events as the console does, with the same audit log. Safe to repeat: every
 * effect has an idempotency key, and a handled event stays handled. Exits 1 when an event is still
 * pending or dead afterwards.
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      "all-dead": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const all = values["all-dead"];
  if (values.help || all === positionals.length > 0) return console.log(HELP);
  const database = await openOperatorDatabase();
  try {
    await completeEnvironment(database.url, { needsStripe: true });
    const stuck = await replay(all ? "all dead" : positionals);
    if (stuck > 0) process.exitCode = 1;
  } finally {
    await database.close();
  }
}

/** Returns how many events are still pending or dead. */
async function replay(wanted: "all dead" | readonly string[]): Promise<number> {
  // Imported late, because the application reads its environment on import.
  const { billingDeps } = await import("@/billing/deps");
  const { loadClockOffset } = await import("@/db/load-clock-offset");
  const { replayDeadEvents, replayOneEvent } = await import("@/admin/events/dead-letters");
  try {
    if (process.env.QIFLOW_EMBEDDED === "1") await loadClockOffset();
    if (wanted === "all dead") {
      const deadlineMs = Number.POSITIVE_INFINITY;
      const request = { id: randomUUID(), actorId: OPERATOR_ACTOR, deadlineMs };
      const tally = await replayDeadEvents(billingDeps, request);
      if (tally === null) throw new Error("This replay was already started.");
      console.log(
        `${tally.replayed} replayed: ${tally.handled} handled, ${tally.ignored} ignored, ` +
          `${tally.pending} pending, ${tally.dead} dead.`,
      );
      return tally.pending + tally.dead;
    }
    let stuck = 0;
    for (const eventId of wanted) {
      const status = await replayOneEvent(billingDeps, {
        id: randomUUID(),
        eventId,
        actorId: OPERATOR_ACTOR,
      });
      console.log(`${eventId}: ${status}`);
      if (status === "pending" || status === "dead") stuck += 1;
    }
    return stuck;
  } finally {
    await billingDeps.db.$client.end({ timeout: 5 });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
