import { env } from "@/env";

const TIME_LIMIT_MS = 5_000;

/** Posts an alert as JSON (`text` is what chat services show) to ALERT_WEBHOOK_URL, if one is set. */
export async function postAlert(alert: {
  readonly subject: string;
  readonly facts: Readonly<Record<string, string | number | null>>;
}): Promise<void> {
  if (env.ALERT_WEBHOOK_URL === undefined) return;
  const response = await fetch(env.ALERT_WEBHOOK_URL, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ text: alert.subject, facts: alert.facts }),
    signal: AbortSignal.timeout(TIME_LIMIT_MS),
  });
  if (!response.ok) throw new Error(`The alert webhook answered ${response.status}.`);
}
