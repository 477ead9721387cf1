import path from "node:path";
import { appEnvironment, chooseBacking } from "../laptop/app-environment";
import { askHolder } from "../laptop/claim-checkout";
import { loadLocalSecrets } from "../laptop/local-secrets";

/**
 * Completes the environment that the application's modules read when they are imported, so import
 * them afterwards. In embedded mode Stripe is the simulator of the start that is running here; a
 * command that does not call Stripe goes without one.
 * @throws Error when `needsStripe` and no simulator runs
 */
export async function completeEnvironment(
  databaseUrl: string,
  { needsStripe }: { needsStripe: boolean },
): Promise<void> {
  const backing = chooseBacking(process.env);
  process.env.DATABASE_URL = databaseUrl;
  if (!backing.simulatedStripe) return;
  const dataDirectory = path.resolve(process.env.QIFLOW_DATA_DIR || ".data");
  const where = (await askHolder(dataDirectory))?.where;
  if (needsStripe && !where?.simulatorUrl) {
    throw new Error(
      "STRIPE_SECRET_KEY is not set, and no simulator runs here: start `npm run dev` first.",
    );
  }
  const secrets = await loadLocalSecrets(dataDirectory);
  const port = !where ? 3000 : Number(new URL(where.appUrl).port);
  const simulatorUrl = where?.simulatorUrl ?? NOBODY;
  const given = process.env;
  Object.assign(
    process.env,
    appEnvironment({ given, backing, secrets, port, databaseUrl, simulatorUrl }),
  );
}

/** A port that nothing listens on. */
const NOBODY = "http://127.0.0.1:1";
