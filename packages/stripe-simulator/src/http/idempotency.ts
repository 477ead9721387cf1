import { createHash } from "node:crypto";
import type { Simulation } from "../simulation";
import type { StoredResponse } from "../tables";
import { StripeFault } from "./fault";

/** Stripe may drop a key after a day. */
const KEPT_SECONDS = 86_400;

export function fingerprintOf(method: string, path: string, body: string): string {
  return createHash("sha256").update(`${method} ${path}\n${body}`).digest("hex");
}

/** Returns the response stored for this key. Reusing a key for another request is an error. */
export function storedResponse(
  sim: Simulation,
  key: string,
  fingerprint: string,
): StoredResponse | null {
  const kept = sim.tables.storedResponses.get(key);
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

export function storeResponse(
  sim: Simulation,
  key: string,
  response: Omit<StoredResponse, "createdAt">,
) {
  for (const [old, { createdAt }] of sim.tables.storedResponses) {
    if (createdAt < sim.nowSeconds() - KEPT_SECONDS) {
      sim.tables.storedResponses.delete(old);
    }
  }
  sim.tables.storedResponses.set(key, { ...response, createdAt: sim.nowSeconds() });
  sim.changed();
}
