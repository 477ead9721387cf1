import path from "node:path";
import { appEnvironment, chooseBacking } from "../laptop/app-environment";
import { findHolder } from "../laptop/claim-checkout";
import { loadLocalSecrets } from "../laptop/local-secrets";

/**
 * Completes the environment that the application's modules read on import, so import them afterwards.
 * In embedded mode Stripe is the simulator of the running `npm run dev`; a command that does not call
 * Stripe works without one.
 * @throws Error when `needsStripe` is set and no simulator is running
 */
export async function completeEnvironment(
  databaseUrl: string,
  { needsStripe }: { needsStripe: boolean },
): Promise<void> {
  const backing = chooseBacking(process.env);
  process.env.DATABASE_URL = databaseUrl;
  if (!backing.simulatedStripe) return;
  const dataDirectory = path.resolve(process.env.QIFLOW_DATA_DIR || ".data");
  const where = (await findHolder(dataDirectory))?.where;
  if (needsStripe && !where?.simulatorUrl) {
    throw new Error(
      "STRIPE_SECRET_KEY is not set, and no simulator is running: start `npm run dev` first.",
    );
  }
  const secrets = await loadLocalSecrets(dataDirectory);
  const port = !where ? 3000 : Number(new URL(where.appUrl).port);
  const simulatorUrl = where?.simulatorUrl ?? UNREACHABLE;
  const given = process.env;
  Object.assign(
    process.env,
    appEnvironment({ given, backing, secrets, port, databaseUrl, simulatorUrl }),
  );
}

/** An address that refuses connections. */
const UNREACHABLE = "http://127.0.0.1:1";
