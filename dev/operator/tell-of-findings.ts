import { now } from "@/lib/clock";
import type { OperatorDatabase } from "./operator-database";
import { completeEnvironment } from "./operator-environment";

/**
 * Sends the alerts that a command's findings call for. It needs the application's environment: where
 * that is not complete, the site's next tick finds what was not told of and sends it.
 */
export async function tellOfFindings({ db, url }: OperatorDatabase): Promise<void> {
  try {
    await completeEnvironment(url, { needsStripe: false });
    const { tellFindings } = await import("@/alerts/alert-of-findings");
    await tellFindings(db, { now: now() });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    console.error(`The site's next tick will send the alert; it was not sent from here. ${why}`);
  }
}
