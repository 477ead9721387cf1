import { setTimeout as sleep } from "node:timers/promises";
import { ADMIN_EMAIL, DEMO_EMAIL } from "../../dev/laptop/app-environment";
import { findHolder } from "../../dev/laptop/claim-checkout";
import { loadLocalSecrets } from "../../dev/laptop/local-secrets";

export type RunningLaptop = {
  readonly appUrl: string;
  readonly simulatorUrl: string;
  readonly cronSecret: string;
  readonly demo: { readonly email: string; readonly password: string };
  readonly admin: { readonly email: string; readonly password: string };
};

/** What a browser test needs to know of the server that playwright.config.ts started. */
export async function runningLaptop(): Promise<RunningLaptop> {
  const directory = process.env.QIFLOW_E2E_DATA_DIR;
  if (directory === undefined) throw new Error("Only for tests that Playwright runs.");
  const where = await whereabouts(directory);
  const secrets = await loadLocalSecrets(directory);
  return {
    appUrl: where.appUrl,
    simulatorUrl: where.simulatorUrl,
    cronSecret: secrets.cronSecret,
    demo: { email: DEMO_EMAIL, password: secrets.demoPassword },
    admin: { email: ADMIN_EMAIL, password: secrets.adminPassword },
  };
}

/** The app answers a moment before the start tells where everything is. */
async function whereabouts(directory: string) {
  for (let tries = 0; tries < 50; tries += 1) {
    const where = (await findHolder(directory))?.where;
    if (where?.simulatorUrl) return { appUrl: where.appUrl, simulatorUrl: where.simulatorUrl };
    await sleep(100);
  }
  throw new Error(`Nothing runs on ${directory}.`);
}
