import { setTimeout as sleep } from "node:timers/promises";
import { ADMIN_EMAIL, DEMO_EMAIL } from "../../dev/laptop/app-environment";
import { findHolder } from "../../dev/laptop/claim-checkout";
import { loadLocalSecrets } from "../../dev/laptop/local-secrets";

export type RunningApp = {
  readonly appUrl: string;
  readonly simulatorUrl: string;
  readonly cronSecret: string;
  readonly demo: { readonly email: string; readonly password: string };
  readonly admin: { readonly email: string; readonly password: string };
};

/** Returns the addresses and credentials of the server that playwright.config.ts started. */
export async function findRunningApp(): Promise<RunningApp> {
  const directory = process.env.QIFLOW_E2E_DATA_DIR;
  if (directory === undefined)
    throw new Error("QIFLOW_E2E_DATA_DIR is not set; run this test with Playwright.");
  const addresses = await findAddresses(directory);
  const secrets = await loadLocalSecrets(directory);
  return {
    appUrl: addresses.appUrl,
    simulatorUrl: addresses.simulatorUrl,
    cronSecret: secrets.cronSecret,
    demo: { email: DEMO_EMAIL, password: secrets.demoPassword },
    admin: { email: ADMIN_EMAIL, password: secrets.adminPassword },
  };
}

/** The app accepts requests shortly before its start has published all addresses. */
async function findAddresses(directory: string) {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const where = (await findHolder(directory))?.where;
    if (where?.simulatorUrl) return { appUrl: where.appUrl, simulatorUrl: where.simulatorUrl };
    await sleep(100);
  }
  throw new Error(`No server is running on ${directory}.`);
}
