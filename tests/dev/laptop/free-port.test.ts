import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { findFreePort, isPortFree, portFor } from "../../../dev/laptop/free-port";

describe("portFor", () => {
  it("maps a text to a stable port and different texts to different ports", () => {
    expect(portFor("/srv/one")).toBe(portFor("/srv/one"));
    const ports = Array.from({ length: 100 }, (_, index) => portFor(`/srv/checkout-${index}`));
    expect(new Set(ports).size).toBeGreaterThan(90);
    for (const port of ports) {
      expect(port).toBeGreaterThanOrEqual(15_000);
      expect(port).toBeLessThan(25_000);
    }
  });
});

describe("findFreePort", () => {
  it.each(["127.0.0.1", "0.0.0.0", "::"])("skips a port that is taken on %s", async (host) => {
    const taken = createServer().listen(await findFreePort(portFor(host)), host);
    await once(taken, "listening");
    const address = taken.address();
    if (address === null || typeof address === "string") throw new Error("No port.");
    try {
      expect(await isPortFree(address.port)).toBe(false);
      expect(await findFreePort(address.port)).toBeGreaterThan(address.port);
    } finally {
      taken.close();
    }
  });
});
