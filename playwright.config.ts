import { existsSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { chromium, defineConfig } from "@playwright/test";
import { findFreePort, portFor } from "./dev/laptop/free-port";
import { logFileOf } from "./tests/setup/site-log";

/**
 * The browser tests drive the production build (run `npm run build` first) with an embedded Postgres,
 * the Stripe simulator and the mail preview. Their data is temporary. A developer's `.env` and a running
 * `npm run dev` are not touched.
 *
 * Each worker has its own site, because some tests advance the clock of their site and its simulator.
 */
const WORKERS = 2;

const sites = await chooseSites();
const site = sites[Number(process.env.TEST_PARALLEL_INDEX ?? 0)];
if (site === undefined)
  throw new Error(`There are ${WORKERS} sites, so at most ${WORKERS} workers.`);
process.env.QIFLOW_DATA_DIR = process.env.QIFLOW_E2E_DATA_DIR = site.dataDirectory;

export default defineConfig({
  testDir: "tests/e2e",
  forbidOnly: Boolean(process.env.CI),
  // Limits catch a test that hangs. A busy machine may take ten times as long as a quiet one.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  // .ci/run reports tests that passed only on the second attempt.
  retries: process.env.CI ? 1 : 0,
  workers: WORKERS,
  reporter: [["list"]],
  use: {
    baseURL: site.url,
    locale: "en-US",
    trace: process.env.CI ? "on-first-retry" : "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: { ...installedBrowser(), args: browserArguments() },
  },
  webServer: sites.map(({ port, url, dataDirectory }) => ({
    command: `npm start -- --embedded --throwaway > "${logFileOf(dataDirectory)}"`,
    cwd: process.cwd(),
    url,
    reuseExistingServer: false,
    timeout: 120_000,
    gracefulShutdown: { signal: "SIGTERM", timeout: 30_000 },
    env: {
      PORT: String(port),
      QIFLOW_DATA_DIR: dataDirectory,
      // An empty value counts as not set and wins over .env.
      DATABASE_URL: "",
      STRIPE_SECRET_KEY: "",
      RESEND_API_KEY: "",
      APP_URL: "",
      ADMIN_EMAILS: "",
      HOST: "",
    },
  })),
});

interface Site {
  readonly port: number;
  readonly url: string;
  readonly dataDirectory: string;
}

/** Chooses a port and a folder per worker. Workers load this file again and inherit the choice. */
async function chooseSites(): Promise<Site[]> {
  const inherited = process.env.QIFLOW_E2E_SITES;
  if (inherited !== undefined) return JSON.parse(inherited);
  const chosen: Site[] = [];
  let port = portFor(`${process.cwd()}/e2e`);
  for (let index = 0; index < WORKERS; index += 1) {
    port = await findFreePort(port);
    const dataDirectory = path.join(tmpdir(), `qiflow-e2e-${process.pid}-${index}`);
    mkdirSync(dataDirectory, { recursive: true });
    chosen.push({ port, url: `http://localhost:${port}`, dataDirectory });
    port += 1;
  }
  process.env.QIFLOW_E2E_SITES = JSON.stringify(chosen);
  return chosen;
}

/** Playwright's Chromium if it is installed, else the system's. */
function installedBrowser(): { executablePath?: string } {
  const system = ["chromium", "chromium-browser", "google-chrome"].map(
    (name) => `/usr/bin/${name}`,
  );
  const executablePath = [chromium.executablePath(), ...system].find((file) => existsSync(file));
  return executablePath === undefined ? {} : { executablePath };
}

/** The browser makes no background requests. Chromium's sandbox does not work as root. */
function browserArguments(): string[] {
  const quiet = [
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
  ];
  return process.getuid?.() === 0 ? [...quiet, "--no-sandbox"] : quiet;
}
