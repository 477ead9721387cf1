import { millisecondsInMinute } from "date-fns/constants";
import { RateLimited } from "@/lib/errors";
import type { Caller } from "./authenticate";

/** Requests of all keys of a service in a minute. Generous: it stops a runaway loop. */
const PER_MINUTE = { personal: 6_000, site: 300_000 } as const;

/**
 * Limits the requests that each service sends with valid keys in a minute. Counts in memory, for one
 * process (docs/decisions/0092), so a request costs no query. Forgets everything with each minute.
 */
export class RequestLimiter {
  readonly #counts = new Map<string, number>();
  #minute = 0;

  /**
   * Counts a request, or several: all are allowed or none.
   * @throws RateLimited until the end of the minute
   */
  count({ serviceId, ownerId, requestsPerMinute }: Caller, now: Date, requests = 1): void {
    const minute = Math.floor(now.getTime() / millisecondsInMinute);
    if (minute !== this.#minute) {
      this.#counts.clear();
      this.#minute = minute;
    }
    const counted = this.#counts.get(serviceId) ?? 0;
    const limit = requestsPerMinute ?? PER_MINUTE[ownerId === null ? "site" : "personal"];
    if (counted >= limit) {
      const endsAtMs = (minute + 1) * millisecondsInMinute;
      const retryAfterSeconds = Math.ceil((endsAtMs - now.getTime()) / 1000);
      throw new RateLimited({ retryAfterSeconds });
    }
    this.#counts.set(serviceId, counted + requests);
  }
}
