import type { SimulatorPrice } from "./catalogue";
import { startSimulator } from "./start-simulator";

/** The simulator as a separate process. It ends with the process that started it. */
async function main(): Promise<void> {
  const parent = process.ppid;
  const webhookSecret = required("STRIPE_WEBHOOK_SECRET");
  const clockUrl = process.env.SIMULATOR_CLOCK_URL;
  const snapshotFile = process.env.SIMULATOR_SNAPSHOT;
  /** Prices to start with, as JSON. */
  const prices: SimulatorPrice[] = JSON.parse(process.env.SIMULATOR_PRICES ?? "[]");
  const simulator = await startSimulator({
    port: Number(process.env.SIMULATOR_PORT ?? 0),
    secretKey: required("STRIPE_SECRET_KEY"),
    webhookSecret,
    webhookUrl: process.env.SIMULATOR_WEBHOOK_URL ?? null,
    prices,
    quiet: true,
    ...(snapshotFile && { snapshotFile }),
    ...(clockUrl && { onClockMoved: (offsetMs) => notifyApp(clockUrl, webhookSecret, offsetMs) }),
  });
  const { url, port, control } = simulator;
  console.log(JSON.stringify({ url, port, clockOffsetMs: control.clockOffsetMs }));
  const end = () => void simulator.close().then(() => process.exit(0));
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
  // npm does not forward signals. An orphan notices that its parent has changed.
  setInterval(() => process.ppid !== parent && end(), 1000).unref();
}

/** Notifies the app of the new clock offset before it receives the events of that moment. */
async function notifyApp(url: string, secret: string, offsetMs: number): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
    body: JSON.stringify({ offsetMs }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) {
    throw new Error(`the app returned ${response.status}`);
  }
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} is not set`);
  }
  return value;
}

await main();
