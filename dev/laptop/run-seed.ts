import { spawn } from "node:child_process";
import { once } from "node:events";
import type { LocalSecrets } from "./local-secrets";

/**
 * Seeds the demo accounts in a separate process with this environment, so that the application's
 * sign-up code does not stay in memory.
 */
export async function runSeed(options: { root: string; secrets: LocalSecrets }): Promise<void> {
  const child = spawn(process.execPath, ["--import", "tsx", "dev/laptop/seed.ts"], {
    cwd: options.root,
    env: {
      ...process.env,
      QIFLOW_DEMO_PASSWORD: options.secrets.demoPassword,
      QIFLOW_ADMIN_PASSWORD: options.secrets.adminPassword,
    },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [exitCode] = await once(child, "exit");
  if (exitCode !== 0) throw new Error("The demo accounts could not be created; see above.");
}
