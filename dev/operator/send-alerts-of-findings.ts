import { now } from "@/lib/clock";
import type { OperatorDatabase } from "./operator-database";
import { completeEnvironment } from "./operator-environment";

/**
 * Sends the alerts for a command's findings. This needs the application's whole environment; without
 * it the site's next tick sends them.
 */
export async function sendAlertsOfFindings({ db, url }: OperatorDatabase): Promise<void> {
  try {
    await completeEnvironment(url, { needsStripe: false });
    const { notifyFindings } = await import("@/jobs/findings");
    await notifyFindings(db, { now: now() });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    console.error(`The alert was not sent from here. The site's next tick sends it. ${why}`);
  }
}
