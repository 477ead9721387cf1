import { createHash } from "node:crypto";
import type { Simulation } from "../simulation";
import type { KeptAnswer } from "../tables";
import { StripeFault } from "./fault";

/** Stripe may forget a key after a day. */
const KEPT_SECONDS = 86_400;

export function fingerprintOf(method: string, path: string, body: string): string {
  return createHash("sha256").update(`${method} ${path}\n${body}`).digest("hex");
}

/** The answer this key got before; the same key for something else is an error. */
export function keptAnswer(sim: Simulation, key: string, fingerprint: string): KeptAnswer | null {
  const kept = sim.tables.keptAnswers.get(key);
  if (!kept || kept.createdAt < sim.nowSeconds() - KEPT_SECONDS) {
    return null;
  }
  if (kept.fingerprint !== fingerprint) {
    throw new StripeFault({
      type: "idempotency_error",
      message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
    });
  }
  return kept;
}

export function keepAnswer(sim: Simulation, key: string, answer: Omit<KeptAnswer, "createdAt">) {
  for (const [old, { createdAt }] of sim.tables.keptAnswers) {
    if (createdAt < sim.nowSeconds() - KEPT_SECONDS) {
      sim.tables.keptAnswers.delete(old);
    }
  }
  sim.tables.keptAnswers.set(key, { ...answer, createdAt: sim.nowSeconds() });
  sim.changed();
}
