import { simulatorCatalogue } from "./catalogue";
import { startSimulator } from "./start-simulator";

/** The simulator as its own process. It lives as long as the process that started it. */
async function main(): Promise<void> {
  const parent = process.ppid;
  const webhookSecret = required("STRIPE_WEBHOOK_SECRET");
  const clockUrl = process.env.SIMULATOR_CLOCK_URL;
  const snapshotFile = process.env.SIMULATOR_SNAPSHOT;
  const simulator = await startSimulator({
    port: Number(process.env.SIMULATOR_PORT ?? 0),
    secretKey: required("STRIPE_SECRET_KEY"),
    webhookSecret,
    webhookUrl: process.env.SIMULATOR_WEBHOOK_URL ?? null,
    prices: simulatorCatalogue,
    quiet: true,
    ...(snapshotFile && { snapshotFile }),
    ...(clockUrl && { onClockMoved: (offsetMs) => moveApp(clockUrl, webhookSecret, offsetMs) }),
  });
  const { url, port, control } = simulator;
  console.log(JSON.stringify({ url, port, clockOffsetMs: control.clockOffsetMs }));
  const end = () => void simulator.close().then(() => process.exit(0));
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
  // npm passes no signal on: an orphan notices that it has been handed to another parent.
  setInterval(() => process.ppid !== parent && end(), 1000).unref();
}

/** Tells the app how far its clock is ahead, before it hears what happened then. */
async function moveApp(url: string, secret: string, offsetMs: number): Promise<void> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
    body: JSON.stringify({ offsetMs }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!answer.ok) {
    throw new Error(`it answered ${answer.status}`);
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
