/** A call that Stripe will fail with a 500, and whether it has done what was asked by then. */
export interface Outage {
  method: "GET" | "POST" | "DELETE";
  /** How the path ends, e.g. `/v1/refunds` or `/cancel`. */
  path: string;
  when: "before" | "after";
}

/** Failures of Stripe's own that are to happen, each once. */
export class Outages {
  private readonly planned: Outage[] = [];

  plan(outage: Outage): void {
    this.planned.push(outage);
  }

  /** The failure planned for this call, which is then over. */
  take({ method, path }: { method: string; path: string }): Outage | undefined {
    const at = this.planned.findIndex((one) => one.method === method && path.endsWith(one.path));
    return at === -1 ? undefined : this.planned.splice(at, 1)[0];
  }
}
