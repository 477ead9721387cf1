import { spawn } from "node:child_process";
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
  let isEnded = false;
  const ended = once(child, "exit").then(() => {
    isEnded = true;
  });
  const url = `http://localhost:${port}`;
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  const deadline = Date.now() + TIMEOUT_MS;
  while (!(await isResponding(`${url}/api/health`))) {
    if (isEnded) throw new Error("The app did not start; see above.");
    if (Date.now() > deadline) {
      await stop();
      throw new Error(`The app does not respond at ${url}.`);
    }
    await sleep(200);
  }
  return { url, stop };
}

async function isResponding(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(5_000) })).ok;
  } catch {
    return false;
  }
}
