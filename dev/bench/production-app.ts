import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

const TIMEOUT_MS = 120_000;

/** Starts the production build on the embedded Postgres and a given Stripe. Resolves when it serves. */
export async function startProductionApp(options: {
  root: string;
  port: number;
  dataDirectory: string;
  stripe: { secretKey: string; webhookSecret: string; apiBase: string };
}): Promise<{ url: string; stop(): Promise<void> }> {
  const { root, port, dataDirectory, stripe } = options;
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "dev/start.ts", "--production", "--embedded", "--throwaway"],
    {
      cwd: root,
      // Its output goes to stderr, so that the last line of stdout stays the result.
      stdio: ["ignore", 2, 2],
      env: {
        ...process.env,
        PORT: String(port),
        QIFLOW_DATA_DIR: dataDirectory,
        DATABASE_URL: "",
        LOG_LEVEL: "error",
        STRIPE_SECRET_KEY: stripe.secretKey,
        STRIPE_WEBHOOK_SECRET: stripe.webhookSecret,
        STRIPE_API_BASE: stripe.apiBase,
      },
    },
  );
  const url = `http://localhost:${port}`;
  return { url, stop: await whenServing(child, `${url}/api/health`) };
}

/** Waits until a server responds at an address. Returns what stops it. */
export async function whenServing(
  child: ChildProcess,
  address: string,
): Promise<() => Promise<void>> {
  let isEnded = false;
  const ended = once(child, "exit").then(() => {
    isEnded = true;
  });
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  const deadline = Date.now() + TIMEOUT_MS;
  while (!(await isResponding(address))) {
    if (isEnded) throw new Error("The server did not start; see above.");
    if (Date.now() > deadline) {
      await stop();
      throw new Error(`The server does not respond at ${address}.`);
    }
    await sleep(200);
  }
  return stop;
}

async function isResponding(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(5_000) })).ok;
  } catch {
    return false;
  }
}
