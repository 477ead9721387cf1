import { secondsInHour } from "date-fns/constants";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rateLimit } from "@/db/schema";
import { RateLimited } from "@/lib/errors";
import { limitSignIn } from "@/rate-limit/auth-limits";
import { consumeAttempt, countAttempt, pruneAttempts } from "@/rate-limit/rate-limit";
import {
  SECRET as APP_SECRET,
  Browser,
  createTestAuth,
  PASSWORD,
  signUpInput,
} from "../auth/auth-fixture";
import { createTestDatabase, type TestDatabase } from "../support/database";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.close();
});

const START = new Date("2026-03-01T10:00:00Z");
const secondsAfter = (seconds: number) => new Date(START.getTime() + seconds * 1000);

const SECRET = "a secret for these tests";
const rule = { limit: 3, windowSeconds: 60, secret: SECRET };

describe("countAttempt", () => {
  it("throws RateLimited with the seconds until the window ends", async () => {
    for (const second of [0, 10, 20]) {
      await countAttempt(database.db, { key: "full", ...rule, now: secondsAfter(second) });
    }
    const refused = countAttempt(database.db, { key: "full", ...rule, now: secondsAfter(45) });
    await expect(refused).rejects.toThrow(RateLimited);
    await expect(refused).rejects.toMatchObject({
      status: 429,
      details: { retryAfterSeconds: 15 },
    });
  });
});

describe("consumeAttempt", () => {
  it("allows attempts again at exactly the reported instant", async () => {
    for (const second of [0, 0, 0, 30]) {
      await consumeAttempt(database.db, { key: "again", ...rule, now: secondsAfter(second) });
    }
    const justBefore = await consumeAttempt(database.db, {
      key: "again",
      ...rule,
      now: secondsAfter(59.999),
    });
    expect(justBefore).toEqual({ allowed: false, retryAfterSeconds: 1 });
    const atEnd = await consumeAttempt(database.db, {
      key: "again",
      ...rule,
      now: secondsAfter(60),
    });
    expect(atEnd.allowed).toBe(true);
  });

  it("counts each of fifty concurrent attempts", async () => {
    const results = await Promise.all(
      Array.from({ length: 50 }, () =>
        consumeAttempt(database.db, {
          key: "concurrent",
          limit: 20,
          windowSeconds: 60,
          secret: SECRET,
          now: START,
        }),
      ),
    );
    expect(results.filter((result) => result.allowed)).toHaveLength(20);
  });

  it("counts each key separately", async () => {
    for (let attempt = 0; attempt < 4; attempt += 1) {
      await consumeAttempt(database.db, { key: "one", ...rule, now: START });
    }
    const other = await consumeAttempt(database.db, { key: "other", ...rule, now: START });
    expect(other.allowed).toBe(true);
  });
});

describe("pruneAttempts", () => {
  it("keeps the newest counters when there are too many", async () => {
    for (const [second, key] of ["a", "b", "c", "d"].entries()) {
      await consumeAttempt(database.db, { key, ...rule, limit: 1, now: secondsAfter(second) });
    }
    const now = secondsAfter(5);
    await pruneAttempts(database.db, { now, maxCounters: 2 });
    expect(await database.db.select().from(rateLimit)).toHaveLength(2);
    const results = await Promise.all(
      ["a", "d"].map((key) => consumeAttempt(database.db, { key, ...rule, limit: 1, now })),
    );
    expect(results.map(({ allowed }) => allowed)).toEqual([true, false]);
  });

  it("deletes counters older than a day", async () => {
    await consumeAttempt(database.db, { key: "old", ...rule, now: START });
    await pruneAttempts(database.db, { now: secondsAfter(25 * secondsInHour) });
    expect(await database.db.select().from(rateLimit)).toEqual([]);
  });
});

describe("limits of the auth routes", () => {
  const limited = () => createTestAuth(database.db, { rateLimited: true });

  it("do not count requests for unknown paths", async () => {
    await database.db.delete(rateLimit);
    const browser = new Browser(limited(), "203.0.113.50");
    for (const path of ["/none", `/${"long/".repeat(500)}`, "/sign-in/email/x", "/list-sessions"]) {
      expect((await browser.post(path, {})).status).toBe(404);
      expect((await browser.get(`/api/auth${path}`)).status).toBe(404);
    }
    expect(await database.db.select().from(rateLimit)).toEqual([]);
  });

  it("store hashes that depend on the secret, and no addresses", async () => {
    const input = { email: "stored@example.com", password: "guess" };
    const keysWith = async (secret: string) => {
      await database.db.delete(rateLimit);
      const auth = createTestAuth(database.db, { rateLimited: true, secret });
      await new Browser(auth, "203.0.113.51").post("/sign-in/email", input);
      return (await database.db.select().from(rateLimit)).map(({ key }) => key).sort();
    };
    const keys = await keysWith("a secret of the first deployment, long enough");
    expect(keys).toHaveLength(3);
    for (const key of keys) expect(key).toMatch(/^[\w-]{43}$/);
    const others = await keysWith("another secret of another deployment, also long");
    expect(others.some((key) => keys.includes(key))).toBe(false);
  });

  it("lock an address for the network that guesses its password, not for others", async () => {
    const auth = limited();
    const guess = async (network: string) => {
      const input = { email: "victim@example.com", password: "guess" };
      return (await new Browser(auth, network).post("/sign-in/email", input)).status;
    };
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 12; attempt += 1) statuses.push(await guess("203.0.113.60"));
    expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
    expect(await guess("203.0.113.61")).toBe(401);
  });

  it("lock an address that many networks guess, but not for a device that has signed in", async () => {
    const auth = limited();
    const email = "owner@example.com";
    const owner = new Browser(auth, "203.0.113.70");
    await owner.post("/sign-up/email", signUpInput(email));
    await owner.post("/sign-out", {});
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const network = `198.51.100.${attempt}`;
      await limitSignIn(database.db, { email, network, device: null, secret: APP_SECRET });
    }
    const signIn = (browser: Browser) =>
      browser.post("/sign-in/email", { email, password: PASSWORD });
    const stranger = await signIn(new Browser(auth, "203.0.113.71"));
    expect(stranger.status).toBe(429);
    expect(Number(stranger.headers.get("retry-after"))).toBeGreaterThan(23 * secondsInHour);
    expect((await signIn(owner)).status).toBe(200);
  });

  it("stop a known device from guessing, and do not know it for another address", async () => {
    const auth = limited();
    const device = new Browser(auth, "203.0.113.80");
    await device.post("/sign-up/email", signUpInput("known@example.com"));
    const guess = async (email: string, browser = device) =>
      (await browser.post("/sign-in/email", { email, password: "guess" })).status;
    for (let attempt = 0; attempt < 10; attempt += 1) {
      expect(await guess("known@example.com")).toBe(401);
    }
    expect(await guess("known@example.com")).toBe(429);
    // A forged cookie is an unknown device, which has counters of its own.
    const forged = new Browser(auth, "203.0.113.81");
    forged.setCookie("qiflow.known_device", `${"a".repeat(22)}.${"b".repeat(43)}`);
    expect(await guess("known@example.com", forged)).toBe(401);
    for (let attempt = 0; attempt < 10; attempt += 1) await guess("stranger@example.com");
    expect(await guess("stranger@example.com", new Browser(auth, "203.0.113.80"))).toBe(429);
  });

  it("mark a device by a cookie that scripts cannot read and that names no address", async () => {
    const browser = new Browser(limited(), "203.0.113.82");
    const response = await browser.post("/sign-up/email", signUpInput("cookie@example.com"));
    const cookie = response.headers.getSetCookie().find((one) => one.includes("known_device"));
    expect(cookie).toMatch(/Max-Age=31536000.*HttpOnly.*SameSite=Lax/);
    expect(cookie).not.toContain("cookie%40example.com");
    expect(cookie).not.toContain("cookie@example.com");
  });

  it("do not count successful sign-ins", async () => {
    const auth = limited();
    await new Browser(auth, "203.0.113.99").post(
      "/sign-up/email",
      signUpInput("often@example.com"),
    );
    const signIn = async (password: string) => {
      const input = { email: "often@example.com", password };
      return (await new Browser(auth, "203.0.113.99").post("/sign-in/email", input)).status;
    };
    for (let attempt = 0; attempt < 9; attempt += 1) expect(await signIn("guess")).toBe(401);
    expect(await signIn(PASSWORD)).toBe(200);
    for (let attempt = 0; attempt < 10; attempt += 1) expect(await signIn("guess")).toBe(401);
    expect(await signIn("guess")).toBe(429);
    expect(await signIn(PASSWORD)).toBe(429);
  });

  it("stop a flood of sign-ups from one network address and send a retry time", async () => {
    const auth = limited();
    const flood = await Promise.all(
      Array.from({ length: 45 }, (_, n) =>
        // The empty name is refused without hashing a password. Limits count every attempt.
        new Browser(auth, "198.51.100.9").post("/sign-up/email", {
          ...signUpInput(`flood-${n}@example.com`),
          name: "",
        }),
      ),
    );
    const refused = flood.filter((response) => response.status === 429);
    expect(refused).toHaveLength(5);
    expect(Number(refused[0]?.headers.get("x-retry-after"))).toBeGreaterThan(0);
    const neighbour = await new Browser(auth, "198.51.100.10").post(
      "/sign-up/email",
      signUpInput("neighbour@example.com"),
    );
    expect(neighbour.status).toBe(200);
  });

  it("allow few reset emails per address, known or not", async () => {
    const auth = limited();
    const requestReset = (n: number) =>
      new Browser(auth, `192.0.2.${n}`).post("/request-password-reset", {
        email: "Unknown@Example.com",
      });
    const statuses: number[] = [];
    for (let n = 0; n < 6; n += 1) statuses.push((await requestReset(n)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 429, 429]);
  });
});
