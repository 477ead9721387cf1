import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { chromium, defineConfig } from "@playwright/test";
import { findFreePort, portFor } from "./dev/laptop/free-port";

/**
 * The browser tests drive the production build (run `npm run build` first) with an embedded Postgres,
 * the Stripe simulator and the mail preview. Their data is temporary. A developer's `.env` and a running
 * `npm run dev` are not touched.
 */

// Workers load this file again and inherit the values of the first load.
process.env.QIFLOW_E2E_PORT ??= String(await findFreePort(portFor(`${process.cwd()}/e2e`)));
process.env.QIFLOW_DATA_DIR = process.env.QIFLOW_E2E_DATA_DIR ??= path.join(
  tmpdir(),
  `qiflow-e2e-${process.pid}`,
);
const port = process.env.QIFLOW_E2E_PORT;
const baseURL = `http://localhost:${port}`;

export default defineConfig({
  testDir: "tests/e2e",
  forbidOnly: Boolean(process.env.CI),
  // Limits catch a test that hangs. A busy machine may take ten times as long as a quiet one.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  // .ci/run reports tests that passed only on the second attempt.
  retries: process.env.CI ? 1 : 0,
  // Sequential, because some tests advance the clock of the simulator and the site.
  workers: 1,
  reporter: [["list"]],
  use: {
    baseURL,
    locale: "en-US",
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: { ...installedBrowser(), args: browserArguments() },
  },
  webServer: {
    command: "npm start -- --embedded --throwaway",
    url: baseURL,
    reuseExistingServer: false,
    timeout: 120_000,
    gracefulShutdown: { signal: "SIGTERM", timeout: 30_000 },
    env: {
      PORT: port,
      QIFLOW_DATA_DIR: process.env.QIFLOW_E2E_DATA_DIR,
      // An empty value counts as not set and wins over .env.
      DATABASE_URL: "",
      STRIPE_SECRET_KEY: "",
      RESEND_API_KEY: "",
      APP_URL: "",
      ADMIN_EMAILS: "",
      HOST: "",
    },
  },
});

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
