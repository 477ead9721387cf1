import { after } from "next/server";
import { onLedgerWrite } from "@/ledger/written";
import { logger } from "@/lib/logger";
import { onEntriesWritten } from "@/outbox/written-entries";

/** A statement that writes more entries belongs to a batch, which the jobs deliver. */
const MAX_OWN_ENTRIES = 20;

/**
 * Delivers the outbox entries that a request writes after its response, whichever page, action or
 * route it was. Outside a request the next tick delivers them.
 */
export function drainAfterResponses(): void {
  onEntriesWritten((keys) => {
    if (keys.length > MAX_OWN_ENTRIES) return;
    try {
      after(async () => {
        const { drainOutbox } = await import("@/jobs/drain-outbox");
        await drainOutbox(keys);
      });
    } catch {
      // `after` throws outside a request.
      logger.debug({ entries: keys.length }, "outbox entries wait for the tick");
    }
  });
}

/** Handles the ledger's signals after a request that wrote credits, once for all requests of a moment. */
export function drainSignalsAfterWrites(): void {
  onLedgerWrite(() => {
    try {
      after(async () => {
        const { drainSignalsSoon } = await import("@/jobs/drain-signals");
        await drainSignalsSoon();
      });
    } catch {
      // `after` throws outside a request; the tick handles them.
    }
  });
}
