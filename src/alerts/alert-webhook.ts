import { env } from "@/env";
import type { StoredAlert } from "./alert";

const TIMEOUT_MS = 5_000;

/**
 * Posts an alert as JSON to ALERT_WEBHOOK_URL, if it is set. Chat services display `text`.
 * @throws when the webhook does not respond with 2xx in time
 */
export async function postAlert({ subject, facts }: StoredAlert): Promise<void> {
  if (env.ALERT_WEBHOOK_URL === undefined) return;
  const response = await fetch(env.ALERT_WEBHOOK_URL, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ text: subject, facts }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`The alert webhook responded with ${response.status}.`);
}
