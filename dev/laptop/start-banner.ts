import type { Backing } from "./app-environment";
import { ADMIN_EMAIL, DEMO_EMAIL } from "./app-environment";
import type { LocalSecrets } from "./local-secrets";

/** The box that is printed after the start: addresses and passwords. */
export function startBanner(options: {
  appUrl: string;
  simulatorUrl: string | null;
  backing: Backing;
  secrets: LocalSecrets;
}): string {
  const { appUrl, simulatorUrl, backing, secrets } = options;
  const rows: [string, string][] = [["QiFlow", appUrl]];
  if (backing.embeddedDatabase) {
    rows.push(["Demo user", `${DEMO_EMAIL}  ${secrets.demoPassword}`]);
    rows.push(["Admin", `${ADMIN_EMAIL}  ${secrets.adminPassword}`]);
  } else {
    rows.push(["Database", "yours (DATABASE_URL); `npm run db:migrate` brings it up to date"]);
  }
  rows.push(["Mail", backing.localMail ? `${appUrl}/dev/mail` : "sent by Resend"]);
  rows.push(["Payments", simulatorUrl === null ? "real Stripe" : "simulated, no money moves"]);
  if (simulatorUrl !== null) rows.push(["Simulator", `${simulatorUrl}/`]);
  rows.push(["Stop", "Ctrl-C"]);
  return box(rows);
}

function box(rows: readonly (readonly [string, string])[]): string {
  const labelWidth = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.map(([label, text]) => `${label.padEnd(labelWidth)}  ${text}`);
  const width = Math.max(...lines.map((line) => line.length));
  const edge = "─".repeat(width + 2);
  return [`┌${edge}┐`, ...lines.map((line) => `│ ${line.padEnd(width)} │`), `└${edge}┘`].join("\n");
}
