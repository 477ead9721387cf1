import { randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Simulator, startSimulator } from "@qiflow/stripe-simulator/start-simulator";
import { reconcileBooks } from "@/ledger/reconcile";
import { now } from "@/lib/clock";
import { findFreePort } from "../laptop/free-port";
import { simulatorPrices } from "../laptop/simulator-prices";
import { type OperatorDatabase, openOperatorDatabase } from "../operator/operator-database";
import { quantile } from "./closed-loop";
import { startProductionApp } from "./production-app";
import { buyPacks, countGrants, type SignedDelivery, syntheticEvents } from "./webhook-purchases";

/**
 * Measures how many paid packs a second the webhook handles: signed events, 32 in flight, posted to the
 * production build on the embedded Postgres, each once and then each again. The floor is a route of the
 * same server that verifies the signature and inserts the raw event, measured in the same run.
 *
 * Granting retrieves each session from the simulator, which runs in this process beside the client. Its
 * cost counts against the webhook and not against the floor.
 *
 * `npm run build && npm run bench:webhooks -- --events 600`. The last line is JSON. Where the time goes:
 * docs/decisions/0035-speed-of-a-webhook.md.
 */
const IN_FLIGHT = 32;
const WARM_UP = 60;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { events: { type: "string", default: "600" } } });
  const events = Number(values.events);
  // The simulator keeps 5000 events, about five per purchase.
  if (!Number.isSafeInteger(events) || events < IN_FLIGHT || events > 800) {
    throw new Error(`--events takes a whole number from ${IN_FLIGHT} to 800.`);
  }
  const dataDirectory = await mkdtemp(path.join(tmpdir(), "qiflow-bench-"));
  const secret = () => randomBytes(16).toString("hex");
  const stripe = { secretKey: `sk_test_${secret()}`, webhookSecret: `whsec_${secret()}` };
  const simulator = await startSimulator({ ...stripe, prices: simulatorPrices(), quiet: true });
  const app = await startProductionApp({
    root: fileURLToPath(new URL("../..", import.meta.url)),
    port: await findFreePort(3900),
    dataDirectory,
    stripe: { ...stripe, apiBase: simulator.apiBase },
  });
  try {
    process.env.QIFLOW_DATA_DIR = dataDirectory;
    process.env.DATABASE_URL = "";
    const database = await openOperatorDatabase();
    await measure({ url: app.url, simulator, secretKey: stripe.secretKey, database, events });
    await database.close();
  } finally {
    await app.stop();
    await simulator.close();
  }
}

async function measure(bench: {
  url: string;
  simulator: Simulator;
  secretKey: string;
  database: OperatorDatabase;
  events: number;
}): Promise<void> {
  const { simulator, secretKey, database, events } = bench;
  const webhook = `${bench.url}/api/webhooks/stripe`;
  const floor = `${bench.url}/api/dev/inbox-floor`;
  const { db } = database;
  const floorEvents = (name: string, count: number) => syntheticEvents(simulator, { name, count });
  const purchases = await buyPacks({ db, simulator, secretKey, count: events + WARM_UP });
  const [warmUp, bought] = [purchases.slice(0, WARM_UP), purchases.slice(WARM_UP)];

  await post(webhook, warmUp);
  await post(floor, floorEvents("warm", WARM_UP));
  const floorBefore = await post(floor, floorEvents("before", events));
  const first = await post(webhook, bought);
  const second = await post(webhook, bought);
  const floorAfter = await post(floor, floorEvents("after", events));

  const floorRate = (2 * events) / (floorBefore.seconds + floorAfter.seconds);
  const { granted, extra } = await countGrants(db);
  const { driftedUsers } = await reconcileBooks(db, {
    now: now(),
    deadlineMs: Number.POSITIVE_INFINITY,
  });
  if (driftedUsers.length > 0) throw new Error(`${driftedUsers.length} users drifted.`);
  report("floor before", floorBefore);
  report("first pass", first);
  report("second pass", second);
  report("floor after", floorAfter);
  console.log(
    JSON.stringify({
      events_over_floor: round(first.perSecond / floorRate),
      second_pass_over_floor: round(second.perSecond / floorRate),
      double_grants: extra,
      lost: purchases.length - granted,
    }),
  );
}

interface Pass {
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Posts every delivery once, `IN_FLIGHT` at a time. */
async function post(url: string, deliveries: readonly SignedDelivery[]): Promise<Pass> {
  const latenciesMs: number[] = [];
  const waiting = deliveries.values();
  const startedMs = performance.now();
  async function work(): Promise<void> {
    for (const sign of waiting) {
      const { body, header } = sign();
      const sentMs = performance.now();
      const headers = { "content-type": "application/json", "stripe-signature": header };
      const response = await fetch(url, { method: "POST", body, headers });
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`${url} returned ${response.status}.`);
      latenciesMs.push(performance.now() - sentMs);
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
  const seconds = (performance.now() - startedMs) / 1000;
  latenciesMs.sort((a, b) => a - b);
  return {
    seconds,
    perSecond: deliveries.length / seconds,
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
  };
}

function report(name: string, { perSecond, p50Ms, p99Ms }: Pass): void {
  const columns = [
    name.padEnd(14),
    `${Math.round(perSecond)} events/s`.padEnd(14),
    `p50 ${p50Ms.toFixed(0)} ms`.padEnd(10),
    `p99 ${p99Ms.toFixed(0)} ms`,
  ];
  console.log(columns.join("  "));
}

const round = (value: number) => Math.round(value * 100) / 100;

await main();
