import { spawn } from "node:child_process";
import { once } from "node:events";
import type { LocalSecrets } from "./local-secrets";

/**
 * Seeds the demo accounts in a process of its own, so that the app's sign-up does not stay loaded
 * beside the app for as long as it runs. The environment is this process's.
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
  if (exitCode !== 0) throw new Error("The demo accounts could not be made; see above.");
}
