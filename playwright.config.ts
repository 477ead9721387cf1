import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { chromium, defineConfig } from "@playwright/test";
import { findFreePort, portFor } from "./dev/laptop/free-port";

/**
 * The browser tests drive the production build (`npm run build` first) on what a laptop has: its own
 * Postgres, Stripe simulator and mail page, with data that are fresh and thrown away. Nothing of a
 * developer's .env or running `npm run dev` is touched.
 */

// Workers load this file again; they inherit what the first load chose.
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
  // For what hangs, not for what is slow: a shared machine may take ten times as long as a quiet one.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  // One that holds only the second time is told of apart (.ci/run), so that it can be mended.
  retries: process.env.CI ? 1 : 0,
  // One at a time: the simulator's clock, which some of them advance, is everybody's clock.
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
      // Blank counts as not set, and wins over .env.
      ...{ DATABASE_URL: "", STRIPE_SECRET_KEY: "", RESEND_API_KEY: "" },
      ...{ APP_URL: "", ADMIN_EMAILS: "", HOST: "" },
    },
  },
});

/** Playwright's own Chromium when it was installed, else the system's. */
function installedBrowser(): { executablePath?: string } {
  const system = ["chromium", "chromium-browser", "google-chrome"].map(
    (name) => `/usr/bin/${name}`,
  );
  const executablePath = [chromium.executablePath(), ...system].find((file) => existsSync(file));
  return executablePath === undefined ? {} : { executablePath };
}

/** Quiet: the browser calls nobody but us. Chromium's sandbox refuses root. */
function browserArguments(): string[] {
  const quiet = [
    ...["--disable-quic", "--disable-background-networking", "--disable-component-update"],
    ...["--disable-sync", "--no-first-run"],
  ];
  return process.getuid?.() === 0 ? [...quiet, "--no-sandbox"] : quiet;
}
