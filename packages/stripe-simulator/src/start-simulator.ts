import type { SimulatorPrice } from "./catalogue";
import { SimulatedClock } from "./clock";
import { Control } from "./control";
import { Deliveries } from "./deliveries";
import { listen } from "./http/server";
import { seed } from "./seed";
import { Simulation } from "./simulation";
import { loadSnapshot, saveSnapshot } from "./snapshot";
import { Tables } from "./tables";
import { Timekeeper } from "./timekeeper";

export interface SimulatorOptions {
  /** 0 or absent: any free port. */
  port?: number;
  secretKey: string;
  webhookSecret: string;
  webhookUrl?: string | null;
  prices: readonly SimulatorPrice[];
  /** Where the account's state is kept between runs; absent: in memory only. */
  snapshotFile?: string;
  /** Called before the events of each step of an advancing clock are delivered. */
  onClockMoved?: (offsetMs: number) => Promise<void>;
  /** Pauses between delivery attempts, in real milliseconds. */
  retryDelaysMs?: readonly number[];
  quiet?: boolean;
  /** The account's default API version, at which events are listed. Default: the pinned one. */
  accountApiVersion?: string;
}

export interface Simulator {
  url: string;
  /** The value for `STRIPE_API_BASE`. */
  apiBase: string;
  port: number;
  control: Control;
  close(): Promise<void>;
}

const SAVE_AFTER_MS = 200;
const RETRY_DELAYS_MS = [1000, 2000, 5000, 15_000, 30_000, 60_000, 120_000];

/** Starts a simulated Stripe account on the loopback interface. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { snapshotFile } = options;
  const { clockOffsetMs, tables } = snapshotFile
    ? loadSnapshot(snapshotFile)
    : { clockOffsetMs: 0, tables: new Tables() };
  const clock = new SimulatedClock(clockOffsetMs);
  const deliveries = new Deliveries(tables, options.retryDelaysMs ?? RETRY_DELAYS_MS);
  let saving: NodeJS.Timeout | null = null;
  const save = () => {
    saving = null;
    if (snapshotFile) {
      saveSnapshot(snapshotFile, { clockOffsetMs: clock.offsetMs, tables });
    }
  };
  // Delayed, so that a burst of changes is written once.
  const changed = () => {
    saving ??= setTimeout(save, SAVE_AFTER_MS).unref();
  };
  const sim = new Simulation(tables, clock, deliveries, changed, options.accountApiVersion);
  seed(tables, sim.nowSeconds(), { webhookUrl: null, ...options });
  const time = new Timekeeper(sim, options.onClockMoved ?? (() => Promise.resolve()));
  const control = new Control(sim, time);
  const server = await listen({ sim, control, secretKey: options.secretKey }, options.port ?? 0);
  sim.url = server.url;
  if (!options.quiet) {
    console.log(`Stripe simulator: ${server.url} (no money moves)`);
  }
  const close = async () => {
    await server.close();
    await time.close();
    await deliveries.close();
    if (saving) {
      clearTimeout(saving);
    }
    save();
  };
  return { url: server.url, apiBase: server.url, port: server.port, control, close };
}
