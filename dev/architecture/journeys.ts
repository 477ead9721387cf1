import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { Session } from "node:inspector/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Simulator, startSimulator } from "@qiflow/stripe-simulator/start-simulator";
import { addDays } from "date-fns";
import { sql } from "drizzle-orm";
import { migrateDatabase } from "@/db/migrate";
import { appEnvironment } from "../laptop/app-environment";
import { loadLocalSecrets } from "../laptop/local-secrets";
import { simulatorPriceId, simulatorPrices } from "../laptop/simulator-prices";
import { startEmbeddedPostgres } from "../postgres/embedded-postgres";

/** One main request and the files it runs through. */
export interface Journey {
  readonly name: string;
  /** TypeScript files of `src` in which a function ran, from the root of the checkout. */
  readonly files: readonly string[];
  /** SQL files of the ledger in which a function ran. SQL functions that Postgres inlines do not count. */
  readonly sqlFiles: readonly string[];
}

const SQL_FOLDER = "src/ledger/sql";

/**
 * Runs the three main requests against an embedded Postgres and the Stripe simulator, and records
 * which functions ran: V8's precise coverage for TypeScript, `pg_stat_user_functions` for SQL.
 */
export async function measureJourneys(root: string): Promise<Journey[]> {
  const directory = await mkdtemp(path.join(tmpdir(), "qiflow-architecture-"));
  const password = () => randomBytes(12).toString("hex");
  const server = await startEmbeddedPostgres({
    directory: path.join(directory, "postgres"),
    passwords: { superuser: password(), owner: password(), app: password() },
    settings: { track_functions: "all", fsync: "off" },
    throwaway: true,
  });
  const secrets = await loadLocalSecrets(directory);
  const simulator = await startSimulator({
    secretKey: secrets.stripeSecretKey,
    webhookSecret: secrets.stripeWebhookSecret,
    prices: simulatorPrices(),
    quiet: true,
  });
  try {
    await migrateDatabase({ ownerUrl: server.ownerUrl, appRole: "qiflow_app" });
    const environment = appEnvironment({
      given: { LOG_LEVEL: "silent" },
      backing: { embeddedDatabase: true, simulatedStripe: true, localMail: true },
      secrets,
      port: 3000,
      databaseUrl: server.appUrl,
      simulatorUrl: simulator.apiBase,
    });
    // With a single connection one statement flushes the statistics of all functions.
    Object.assign(process.env, environment, { DATABASE_POOL_MAX: "1" });
    return await runJourneys(root, simulator);
  } finally {
    await simulator.close();
    await server.stop();
  }
}

async function runJourneys(root: string, simulator: Simulator): Promise<Journey[]> {
  // The application reads its environment when it is imported.
  const { db } = await import("@/db");
  const inspector = new Session();
  inspector.connect();
  await inspector.post("Profiler.enable");
  const record = (name: string, prepare: () => Promise<() => Promise<unknown>>) =>
    recordJourney({ name, prepare, root, inspector });
  try {
    return [
      await record("webhook of a paid pack", () => packWebhook(simulator)),
      await record("charge, through hold and capture", charge),
      await record("distribution, before the tick", distribution),
    ];
  } finally {
    inspector.disconnect();
    await db.$client.end({ timeout: 5 });
  }
}

/** Runs a journey twice; the second run counts, because the first one still initializes modules. */
async function recordJourney(options: {
  name: string;
  prepare: () => Promise<() => Promise<unknown>>;
  root: string;
  inspector: Session;
}): Promise<Journey> {
  const { name, prepare, root, inspector } = options;
  const warmUp = await prepare();
  await warmUp();
  const run = await prepare();
  const callsBefore = await readSqlCalls();
  await inspector.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  await run();
  const { result } = await inspector.post("Profiler.takePreciseCoverage");
  await inspector.post("Profiler.stopPreciseCoverage");
  const callsAfter = await readSqlCalls();
  const files = result
    .filter(({ functions }) => functions.some(({ ranges }) => (ranges[0]?.count ?? 0) > 0))
    .map(({ url }) => pathOf(root, url))
    .filter((file) => file.startsWith("src/"));
  const called = [...callsAfter].filter(([fn, calls]) => calls > (callsBefore.get(fn) ?? 0));
  return {
    name,
    files: [...new Set(files)].sort(),
    sqlFiles: await filesDefining(
      root,
      called.map(([fn]) => fn),
    ),
  };
}

async function readSqlCalls(): Promise<ReadonlyMap<string, number>> {
  const { db } = await import("@/db");
  await db.execute(sql`select pg_stat_force_next_flush()`);
  const rows = await db.execute<{ name: string; calls: string }>(
    sql`select funcname as name, calls from pg_stat_user_functions`,
  );
  return new Map(rows.map(({ name, calls }) => [name, Number(calls)]));
}

/** A script's path from the root; "" for everything that is not a file. */
function pathOf(root: string, url: string): string {
  return url.startsWith("file:") ? path.relative(root, fileURLToPath(url)) : "";
}

async function filesDefining(root: string, functions: readonly string[]): Promise<string[]> {
  const names = (await readdir(path.join(root, SQL_FOLDER))).filter((name) =>
    name.endsWith(".sql"),
  );
  const texts = await Promise.all(
    names.map((name) => readFile(path.join(root, SQL_FOLDER, name), "utf8")),
  );
  return names
    .filter((_, index) =>
      functions.some((name) => texts[index]?.includes(`create or replace function ${name}(`)),
    )
    .sort();
}

async function packWebhook(simulator: Simulator): Promise<() => Promise<unknown>> {
  const { billingDeps } = await import("@/billing/deps");
  const { handleStripeWebhook } = await import("@/billing/inbox/receive-event");
  const { user } = await import("@/db/schema");
  const { eq } = await import("drizzle-orm");
  const { listPacks } = await import("@/catalog/items");
  const [pack] = listPacks();
  if (pack === undefined) throw new Error("The catalogue has no packs.");
  const userId = await signUp();
  const customer = await billingDeps.stripe.customers.create({ metadata: { userId } });
  await billingDeps.db
    .update(user)
    .set({ stripeCustomerId: customer.id })
    .where(eq(user.id, userId));
  const session = await billingDeps.stripe.checkout.sessions.create({
    ui_mode: "hosted_page",
    mode: "payment",
    customer: customer.id,
    client_reference_id: userId,
    metadata: { userId, item: pack.id },
    line_items: [{ price: simulatorPriceId(pack), quantity: 1 }],
    success_url: "http://localhost/billing/success",
    cancel_url: "http://localhost/pricing",
  });
  await simulator.control.pay(session.id);
  const event = simulator.control.listEvents("checkout.session.completed").at(-1);
  if (event === undefined) throw new Error("The simulator has no event for the paid session.");
  const { body, header } = simulator.control.signedPayload(event);
  return async () => {
    const request = new Request("http://localhost/api/webhooks/stripe", {
      method: "POST",
      headers: { "stripe-signature": header },
      body,
    });
    const response = await handleStripeWebhook(billingDeps, request);
    if (response.status !== 200) throw new Error(`The webhook returned ${response.status}.`);
  };
}

/** What every product does when it charges for its work. */
async function charge(): Promise<() => Promise<unknown>> {
  const { db } = await import("@/db");
  const { product } = await import("@/product/current");
  const { withCharge } = await import("@/product/with-charge");
  const { now } = await import("@/lib/clock");
  const userId = await signUp();
  const key = `journey:${randomUUID()}`;
  return () =>
    withCharge(
      product.feature,
      { db, userId, key, clock: now },
      { isStored: async () => false, make: () => null, store: async () => true },
    );
}

/** A user's free month falls due a month after sign-up, so the run happens 40 days later. */
async function distribution(): Promise<() => Promise<unknown>> {
  const { db } = await import("@/db");
  const { distributeCredits } = await import("@/ledger/distribution/distribute");
  const { now } = await import("@/lib/clock");
  await signUp();
  const at = addDays(now(), 40);
  return () => distributeCredits(db, { now: at, deadlineMs: Number.POSITIVE_INFINITY });
}

async function signUp(): Promise<string> {
  const { db } = await import("@/db");
  const { user } = await import("@/db/schema");
  const { openCreditAccount } = await import("@/ledger/grant");
  const { now } = await import("@/lib/clock");
  const userId = `journey_${randomUUID()}`;
  const at = now();
  await db.insert(user).values({
    id: userId,
    name: "Journey",
    email: `${userId}@qiflow.example`,
    createdAt: at,
    updatedAt: at,
  });
  await db.transaction((tx) => openCreditAccount(tx, { userId, now: at }));
  return userId;
}
