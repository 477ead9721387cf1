import { chmod, mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { migrateDatabase } from "@/db/migrate";
import { createStripe } from "@/integrations/create-stripe";
import { startEmbeddedPostgres } from "../postgres/embedded-postgres";
import { planPrices } from "../stripe-setup/set-up-prices";
import { applyCatalog } from "../stripe-setup/set-up-stripe";
import { appEnvironment, chooseBacking } from "./app-environment";
import { startChild } from "./child-process";
import { claimCheckout, type GrantedClaim } from "./claim-checkout";
import { findFreePort, isPortFree, portFor } from "./free-port";
import { startJobTicker } from "./job-ticker";
import { type LocalSecrets, loadLocalSecrets } from "./local-secrets";
import { runSeed } from "./run-seed";
import { simulatorPrices } from "./simulator-prices";
import { checkEnvironment, startNext } from "./start-app";
import { startBanner } from "./start-banner";
import type { Supervisor } from "./supervisor";

/**
 * Starts QiFlow with local services: Postgres (migrated and seeded) and the Stripe simulator, each only
 * if no variable names a real one; then Next, and the tick that cron calls in production.
 * A database that you provide is neither migrated nor seeded.
 */
export async function startLaptop(
  supervisor: Supervisor,
  options: { root: string; production: boolean; throwaway: boolean },
): Promise<void> {
  const { root, throwaway } = options;
  const dataDirectory = path.resolve(root, process.env.QIFLOW_DATA_DIR || ".data");
  const claim = await claimDataDirectory(supervisor, dataDirectory, throwaway);
  const secrets = await loadLocalSecrets(dataDirectory);
  const backing = chooseBacking(process.env);
  const port = await choosePort();
  const simulatorPort = backing.simulatedStripe
    ? await findFreePort(portFor(`${dataDirectory}/stripe`))
    : null;
  const simulatorUrl = simulatorPort === null ? null : `http://127.0.0.1:${simulatorPort}`;
  const databaseUrl = backing.embeddedDatabase
    ? await startDatabase(supervisor, { dataDirectory, secrets, throwaway })
    : null;

  const given = process.env;
  const env = appEnvironment({ given, backing, secrets, port, databaseUrl, simulatorUrl });
  Object.assign(process.env, env);
  await checkEnvironment();

  if (simulatorPort !== null) {
    await startSimulator(supervisor, { root, dataDirectory, simulatorPort, port });
  }
  if (backing.embeddedDatabase) await runSeed({ root, secrets });
  const host = process.env.HOST || "localhost";
  const { production } = options;
  await startNext(supervisor, { root, production, port, host, env: process.env });
  supervisor.onEnd(startJobTicker({ port, cronSecret: env.CRON_SECRET }));

  const appUrl = env.APP_URL;
  claim.publish({ appUrl, simulatorUrl });
  console.log(`\n${startBanner({ appUrl, simulatorUrl, backing, secrets })}\n`);
}

async function claimDataDirectory(
  supervisor: Supervisor,
  dataDirectory: string,
  throwaway: boolean,
): Promise<GrantedClaim> {
  await mkdir(dataDirectory, { recursive: true });
  // Postgres may run as another user, which has to pass through to its own directory.
  await chmod(dataDirectory, 0o711);
  return supervisor.start(
    "Data directory",
    async () => {
      const claim = await claimCheckout(dataDirectory);
      if (claim.granted) return claim;
      const where = claim.where === null ? "it is still starting" : claim.where.appUrl;
      throw new Error(`QiFlow is already running here: ${where}`);
    },
    async (claim) => {
      claim.release();
      if (throwaway) await rm(dataDirectory, { recursive: true, force: true });
    },
  );
}

/** PORT, or the first free port from 3000 on. */
async function choosePort(): Promise<number> {
  if (!process.env.PORT) return findFreePort(3000);
  const port = z.coerce.number().int().min(1).max(65_535).safeParse(process.env.PORT);
  if (!port.success) throw new Error(`PORT is "${process.env.PORT}", which is not a port.`);
  if (await isPortFree(port.data)) return port.data;
  throw new Error(`PORT is ${port.data}, but another process is listening there.`);
}

async function startDatabase(
  supervisor: Supervisor,
  options: { dataDirectory: string; secrets: LocalSecrets; throwaway: boolean },
): Promise<string> {
  const { secrets } = options;
  const database = await supervisor.start(
    "Postgres",
    () =>
      startEmbeddedPostgres({
        directory: path.join(options.dataDirectory, "postgres"),
        passwords: {
          superuser: secrets.postgresSuperuser,
          owner: secrets.postgresOwner,
          app: secrets.postgresApp,
        },
        throwaway: options.throwaway,
      }),
    (started) => started.stop(),
  );
  supervisor.every(2000, () => {
    if (database.isRunning()) return;
    void supervisor.end({
      exitCode: 1,
      message: "Postgres stopped unexpectedly; stopping everything else.",
    });
  });
  const log = (line: string) => console.log(line);
  await migrateDatabase({ ownerUrl: database.ownerUrl, appRole: "qiflow_app", log });
  return database.appUrl;
}

async function startSimulator(
  supervisor: Supervisor,
  options: { root: string; dataDirectory: string; simulatorPort: number; port: number },
): Promise<void> {
  const app = `http://localhost:${options.port}`;
  const simulator = await supervisor.start(
    "Stripe simulator",
    () =>
      startChild(supervisor, {
        name: "The Stripe simulator",
        args: ["--import", "tsx", "packages/stripe-simulator/src/main.ts"],
        cwd: options.root,
        env: {
          ...process.env,
          SIMULATOR_PORT: String(options.simulatorPort),
          SIMULATOR_WEBHOOK_URL: `${app}/api/webhooks/stripe`,
          SIMULATOR_PRICES: JSON.stringify(simulatorPrices()),
          SIMULATOR_SNAPSHOT: path.join(options.dataDirectory, "stripe.json"),
          SIMULATOR_CLOCK_URL: `${app}/api/dev/clock`,
        },
        readsFirstLine: true,
      }),
    (child) => child.stop(),
  );
  const line = await simulator.firstLine;
  const parsed = z.object({ url: z.url() }).safeParse(parseJson(line));
  if (!parsed.success) throw new Error(`The Stripe simulator did not start: ${line}`);
  // The stored data may predate an edit of the catalogue.
  const stripe = createStripe({
    secretKey: process.env.STRIPE_SECRET_KEY ?? "",
    apiBase: parsed.data.url,
  });
  await applyCatalog(stripe, { appUrl: app, changes: await planPrices(stripe) });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
