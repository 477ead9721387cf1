import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { startChild } from "./child-process";
import type { Supervisor } from "./supervisor";

const NEXT = "node_modules/next/dist/bin/next";
const TIMEOUT_MS = 60_000;

/** `npm start` with real services: names what is missing in the environment, or serves the build. */
export async function startApp(supervisor: Supervisor, options: { root: string }): Promise<void> {
  process.env.QIFLOW_EMBEDDED = "0";
  await checkEnvironment();
  await startNext(supervisor, {
    root: options.root,
    production: true,
    port: Number(process.env.PORT || 3000),
    host: process.env.HOST || null,
    env: process.env,
  });
}

/** Parses this process's environment as the application does. Throws an error that names what is missing. */
export async function checkEnvironment(): Promise<void> {
  await import("@/env");
}

/**
 * Starts Next and waits until it accepts connections.
 * @param options.host null listens on every address. For this machine only, use `localhost`: with
 *   `127.0.0.1` Next treats its own rewrites as external and proxies to itself.
 */
export async function startNext(
  supervisor: Supervisor,
  options: {
    root: string;
    production: boolean;
    port: number;
    host: string | null;
    env: NodeJS.ProcessEnv;
  },
): Promise<void> {
  const { port, host } = options;
  await supervisor.start(
    "Next",
    () =>
      startChild(supervisor, {
        name: "Next",
        args: [
          NEXT,
          options.production ? "start" : "dev",
          "-p",
          String(port),
          ...(host === null ? [] : ["-H", host]),
        ],
        cwd: options.root,
        env: { ...options.env, NEXT_TELEMETRY_DISABLED: "1" },
      }),
    (next) => next.stop(),
  );
  const deadline = Date.now() + TIMEOUT_MS;
  while (!supervisor.isEnding && !(await accepts(port, host ?? "localhost"))) {
    if (Date.now() > deadline) throw new Error(`Next does not respond on port ${port}.`);
    await sleep(100);
  }
}

function accepts(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
