import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteAccount } from "@/accounts/delete-account";
import { provisionAccount } from "@/accounts/sign-up";
import { createDatabase } from "@/db/client";
import { lockUser } from "@/db/lock-user";
import { freeCreditClaim, user } from "@/db/schema";
import { spendCredits } from "@/ledger/debit";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { grantCredits, openCreditAccount } from "@/ledger/grant";
import { getBalance } from "@/ledger/reads/balance";
import { revokeCredits } from "@/ledger/reverse";
import { repairSchedules } from "@/ledger/schedules";
import { creditLot } from "@/ledger/schema";
import { moveClaim } from "@/rewards/claims";
import { getSignInStatus, signInDaily } from "@/rewards/daily-sign-in";
import {
  getWithheldCredits,
  isProvided,
  provideFreeCredits,
  releaseWithheldCredits,
} from "@/rewards/free-credits";
import { GIFTS_PER_NETWORK_AND_DAY } from "@/rewards/free-credits-rule";
import { recordOpenAccounts } from "@/rewards/record-open-accounts";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { FREE_CREDITS_POLICY as policy } from "../support/free-credits";

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(async () => {
  await expectBooksBalanced(test.sql);
  await test.close();
});

const at = (day: string) => new Date(`${day}T10:00:00Z`);
const newAddress = () => `${randomUUID()}@example.com`;

interface SignUp {
  readonly email: string;
  readonly verified?: boolean;
  readonly on?: string;
  readonly from?: string | null;
}

async function signUp({ email, verified = false, on = "2026-01-05", from = null }: SignUp) {
  const userId = randomUUID();
  const row = { id: userId, name: "Mei", email, emailVerified: verified, createdAt: at(on) };
  await test.db.insert(user).values(row);
  await provision(userId, on, from);
  return userId;
}

const provision = (userId: string, on: string, networkAddress: string | null = null) =>
  provisionAccount(test.db, { userId, networkAddress, policy, now: at(on) });

async function verify(userId: string, on: string) {
  await test.db.update(user).set({ emailVerified: true }).where(eq(user.id, userId));
  await provision(userId, on);
}

const leave = (userId: string, on: string) => deleteAccount(test.db, { userId, now: at(on) });
const distribute = (on: string) =>
  distributeCredits(test.db, { now: at(on), deadlineMs: performance.now() + 60_000 });

/** The user's grants as `70 2026-01-05`, in booking order. */
async function grants(userId: string): Promise<string[]> {
  const lots = await test.db
    .select()
    .from(creditLot)
    .where(eq(creditLot.userId, userId))
    .orderBy(creditLot.seq);
  return lots.map(({ amount, grantedAt }) => `${amount} ${grantedAt.toISOString().slice(0, 10)}`);
}

async function claimOf(userId: string) {
  const [claim] = await test.db
    .select()
    .from(freeCreditClaim)
    .where(eq(freeCreditClaim.userId, userId));
  if (claim === undefined) throw new Error("The account has no claim.");
  return claim;
}

const withheld = (userId: string, on: string) =>
  getWithheldCredits(test.db, { userId, at: at(on) });

describe("provideFreeCredits for a new person", () => {
  it("grants the gift and the first free month at once", async () => {
    const userId = await signUp({ email: newAddress() });
    expect(await grants(userId)).toEqual(["70 2026-01-05", "50 2026-01-05"]);
    expect(await withheld(userId, "2026-01-05")).toBeNull();
    expect(await isProvided(test.db, userId)).toBe(true);
  });

  it("stores hashes and no address", async () => {
    const email = newAddress();
    const userId = await signUp({ email, from: "203.0.113.7" });
    const stored = JSON.stringify(await claimOf(userId));
    expect(stored).not.toContain(email.split("@")[0]);
    expect(stored).not.toContain("203.0.113");
  });
});

describe("provideFreeCredits for a person who returns", () => {
  it("grants no second gift, and no second month in the same period", async () => {
    const email = newAddress();
    await leave(await signUp({ email }), "2026-01-20");
    const second = await signUp({ email, on: "2026-01-20" });
    expect(await grants(second)).toEqual([]);
    expect(await withheld(second, "2026-01-20")).toEqual({
      reason: "returning",
      monthsFromAt: at("2026-02-05"),
    });
    const { nextAllotment } = await getBalance(test.db, { userId: second, now: at("2026-01-20") });
    expect(nextAllotment).toEqual({ credits: 50, dueAt: at("2026-02-05") });
    await distribute("2026-02-05");
    await distribute("2026-03-05");
    expect(await grants(second)).toEqual(["50 2026-02-05", "50 2026-03-05"]);
    expect(await withheld(second, "2026-02-05")).toBeNull();
  });

  it("grants the month of a period in which the person got none", async () => {
    const email = newAddress();
    await leave(await signUp({ email }), "2026-01-20");
    const second = await signUp({ email, on: "2026-02-10" });
    expect(await grants(second)).toEqual(["50 2026-02-10"]);
  });

  it("recognizes the person however often they leave and however they write the address", async () => {
    const name = `mei${randomUUID().slice(0, 8)}`;
    await leave(await signUp({ email: `${name}@gmail.com` }), "2026-01-06");
    for (const email of [`${name}+1@gmail.com`, `m.${name.slice(1)}@googlemail.com`]) {
      const userId = await signUp({ email, on: "2026-01-06" });
      expect(await grants(userId)).toEqual([]);
      await leave(userId, "2026-01-06");
    }
  });

  it("gives the free months to one of two accounts that exist, and to the other after its deletion", async () => {
    const name = randomUUID();
    const first = await signUp({ email: `${name}@example.com` });
    const second = await signUp({ email: `${name}+2@example.com`, on: "2026-01-07" });
    expect(await withheld(second, "2026-01-07")).toEqual({
      reason: "returning",
      monthsFromAt: null,
    });
    await distribute("2026-02-07");
    expect(await grants(second)).toEqual([]);
    expect(await isProvided(test.db, second)).toBe(true);
    await leave(first, "2026-02-10");
    expect(await isProvided(test.db, second)).toBe(false);
    await provision(second, "2026-02-11");
    await distribute("2026-03-07");
    expect(await grants(second)).toEqual(["50 2026-03-07"]);
  });

  it("grants one gift to parallel sign-ups of one person", async () => {
    const name = randomUUID();
    const ids = Array.from({ length: 8 }, () => randomUUID());
    await test.db
      .insert(user)
      .values(ids.map((id, index) => ({ id, name: "Mei", email: `${name}+${index}@example.com` })));
    const pool = createDatabase(test.appUrl, { max: 8 });
    try {
      await Promise.all(
        ids.map((userId) => provisionAccount(pool, { userId, policy, now: at("2026-01-05") })),
      );
    } finally {
      await pool.$client.end({ timeout: 5 });
    }
    const all = await Promise.all(ids.map(grants));
    expect(all.flat()).toEqual(["70 2026-01-05", "50 2026-01-05"]);
  });
});

describe("provideFreeCredits after a deletion in debt", () => {
  async function leaveInDebt(email: string, verified: boolean): Promise<void> {
    const userId = await signUp({ email, verified });
    const now = at("2026-01-06");
    const pack = { userId, source: "checkout:cs_1", now };
    await test.db.transaction((tx) =>
      grantCredits(tx, {
        ...pack,
        key: "checkout:cs_1:pack",
        amount: 100,
        type: "PURCHASE_PACKAGE",
        expiresAt: null,
        paid: true,
      }),
    );
    await test.db.transaction((tx) =>
      spendCredits(tx, { userId, key: "spend", amount: 220, source: "reading:1", now }),
    );
    await test.db.transaction((tx) =>
      revokeCredits(tx, { ...pack, key: "refund:re_1", amount: 100 }),
    );
    await leave(userId, "2026-01-20");
  }

  it("grants nothing for 12 months and then the free months, without the debt", async () => {
    const email = newAddress();
    await leaveInDebt(email, true);
    const userId = await signUp({ email, verified: true, on: "2026-03-01" });
    expect(await grants(userId)).toEqual([]);
    expect(await getBalance(test.db, { userId, now: at("2026-03-01") })).toMatchObject({
      available: 0,
      debt: 0,
    });
    expect(await withheld(userId, "2026-03-01")).toEqual({
      reason: "debt",
      monthsFromAt: at("2027-01-20"),
    });
    await signIn(userId, "2026-03-02");
    await distribute("2026-12-20");
    expect(await grants(userId)).toEqual([]);
    await distribute("2027-01-20");
    await signIn(userId, "2027-01-21");
    expect(await grants(userId)).toEqual(["50 2027-01-20", "5 2027-01-21"]);
  });

  it("ignores the debt of an account that never verified the address", async () => {
    const email = newAddress();
    await leaveInDebt(email, false);
    const owner = await signUp({ email, on: "2026-03-01" });
    expect(await grants(owner)).toEqual([]);
    await verify(owner, "2026-03-02");
    expect(await grants(owner)).toEqual(["70 2026-03-02", "50 2026-03-02"]);
  });
});

const signIn = (userId: string, on: string) =>
  test.db.transaction((tx) => signInDaily(tx, { userId, now: at(on) }));

describe("provideFreeCredits when a stranger used the address first", () => {
  it("grants the owner everything once the address is verified", async () => {
    const email = newAddress();
    await leave(await signUp({ email }), "2026-01-06");
    const owner = await signUp({ email, on: "2026-01-07" });
    expect(await grants(owner)).toEqual([]);
    await verify(owner, "2026-01-08");
    expect(await grants(owner)).toEqual(["70 2026-01-08", "50 2026-01-08"]);
    await provision(owner, "2026-01-09");
    expect(await grants(owner)).toHaveLength(2);
    expect(await withheld(owner, "2026-01-08")).toBeNull();
  });

  it("grants it at once to an owner whose provider verified the address", async () => {
    const email = newAddress();
    await leave(await signUp({ email }), "2026-01-06");
    const owner = await signUp({ email, verified: true, on: "2026-01-07" });
    expect(await grants(owner)).toHaveLength(2);
  });

  it("recognizes the account that did verify it", async () => {
    const email = newAddress();
    await leave(await signUp({ email, verified: true }), "2026-01-06");
    const second = await signUp({ email, verified: true, on: "2026-01-07" });
    expect(await grants(second)).toEqual([]);
  });

  it("moves the free months from an unverified account to the verified one", async () => {
    const name = randomUUID();
    const stranger = await signUp({ email: `${name}+1@example.com` });
    const owner = await signUp({ email: `${name}@example.com`, on: "2026-01-07" });
    await verify(owner, "2026-01-08");
    expect(await grants(owner)).toEqual(["70 2026-01-08", "50 2026-01-08"]);
    await distribute("2026-02-08");
    expect(await grants(stranger)).toHaveLength(2);
    expect(await grants(owner)).toHaveLength(3);
  });
});

describe("moveClaim", () => {
  /** Gives the account another, verified address, as `confirmEmailChange` does. */
  async function changeAddress(userId: string, email: string, on: string) {
    await test.db.transaction(async (tx) => {
      const person = await lockUser(tx, userId);
      const wasVerified = person?.emailVerified === true;
      const change = { email, emailVerified: true };
      await tx.update(user).set(change).where(eq(user.id, userId));
      await moveClaim(tx, { userId, email, wasVerified, policy, now: at(on) });
    });
    await provision(userId, on);
  }

  it("does not let a stranger use up a victim's credits with an address of their own", async () => {
    const victim = newAddress();
    const stranger = await signUp({ email: victim });
    await changeAddress(stranger, newAddress(), "2026-01-06");
    const owner = await signUp({ email: victim, on: "2026-01-07" });
    const both = ["70 2026-01-07", "50 2026-01-07"];
    expect(await grants(owner)).toEqual(both);
    await verify(owner, "2026-01-08");
    expect(await grants(owner)).toEqual(both);
    await distribute("2026-02-08");
    expect(await grants(owner)).toHaveLength(3);
  });

  it("leaves someone who corrected their address the free months, and recognizes them by it", async () => {
    const [mistyped, own] = [newAddress(), newAddress()];
    const person = await signUp({ email: mistyped });
    await changeAddress(person, own, "2026-01-06");
    await verify(await signUp({ email: mistyped, on: "2026-01-07" }), "2026-01-08");
    await distribute("2026-02-08");
    expect(await grants(person)).toHaveLength(3);
    await leave(person, "2026-02-09");
    const again = await signUp({ email: own, verified: true, on: "2026-02-10" });
    expect(await grants(again)).toEqual([]);
  });

  it("keeps the former address of someone whose new one has had free credits", async () => {
    const [victim, own] = [newAddress(), newAddress()];
    await leave(await signUp({ email: own, verified: true }), "2026-01-05");
    const person = await signUp({ email: victim });
    await changeAddress(person, own, "2026-01-06");
    const owner = await signUp({ email: victim, on: "2026-01-07" });
    await verify(owner, "2026-01-08");
    await distribute("2026-02-08");
    expect(await grants(owner)).toHaveLength(3);
    expect(await grants(person)).toHaveLength(2);
    expect((await claimOf(person)).verified).toBe(false);
  });

  it("recognizes a person who verified the address before they changed it", async () => {
    const email = newAddress();
    const userId = await signUp({ email, verified: true });
    await changeAddress(userId, newAddress(), "2026-01-06");
    await leave(userId, "2026-01-07");
    expect(await grants(await signUp({ email, verified: true, on: "2026-01-08" }))).toEqual([]);
  });

  it("recognizes an account without free credits by its new address", async () => {
    const email = newAddress();
    await leave(await signUp({ email, verified: true }), "2026-01-06");
    const waiting = await signUp({ email: `${randomUUID()}@nobody.invalid`, on: "2026-01-07" });
    await changeAddress(waiting, email, "2026-01-08");
    expect(await grants(waiting)).toEqual([]);
    expect(await withheld(waiting, "2026-01-08")).toMatchObject({ reason: "returning" });
  });
});

describe("provideFreeCredits beyond the budget of a network", () => {
  it("withholds the credits until the address is verified", async () => {
    const from = "198.51.100.";
    const signUps = Array.from({ length: GIFTS_PER_NETWORK_AND_DAY + 4 }, (_, index) =>
      signUp({ email: newAddress(), from: `${from}${index + 1}` }),
    );
    const users = await Promise.all(signUps);
    const granted = await Promise.all(users.map(async (id) => (await grants(id)).length));
    expect(granted.filter((count) => count === 2)).toHaveLength(GIFTS_PER_NETWORK_AND_DAY);
    const late = users[granted.indexOf(0)] ?? "";
    expect(await withheld(late, "2026-01-05")).toEqual({ reason: "network", monthsFromAt: null });
    await signIn(late, "2026-01-05");
    await distribute("2026-02-05");
    expect(await grants(late)).toEqual([]);
    await verify(late, "2026-02-06");
    expect(await grants(late)).toEqual(["70 2026-02-06", "50 2026-02-06"]);
    await distribute("2026-03-06");
    expect(await grants(late)).toHaveLength(3);

    const others = [
      { from: "198.51.101.1" },
      { from: `${from}1`, on: "2026-01-06" },
      { from: `${from}1`, verified: true },
      { from: null },
    ];
    for (const other of others) {
      expect(await grants(await signUp({ email: newAddress(), ...other }))).toHaveLength(2);
    }
  });

  it("counts none on loopback", async () => {
    const count = GIFTS_PER_NETWORK_AND_DAY + 1;
    const users = await Promise.all(
      Array.from({ length: count }, () => signUp({ email: newAddress(), from: "127.0.0.1" })),
    );
    expect(await grants(users.at(-1) ?? "")).toHaveLength(2);
  });
});

describe("provideFreeCredits for a disposable address", () => {
  it.each(["mailinator.com", "nobody.invalid"])(
    "withholds the credits of %s until it is verified",
    async (domain) => {
      const userId = await signUp({ email: `${randomUUID()}@${domain}` });
      expect(await grants(userId)).toEqual([]);
      expect(await withheld(userId, "2026-01-05")).toEqual({
        reason: "disposable",
        monthsFromAt: null,
      });
      await signIn(userId, "2026-01-05");
      const status = { userId, timeZone: "UTC", at: at("2026-01-05") };
      expect(await getSignInStatus(test.db, status)).toMatchObject({ isWithheld: true });
      await provision(userId, "2026-01-06");
      expect(await grants(userId)).toEqual([]);
      await verify(userId, "2026-01-07");
      expect(await grants(userId)).toEqual(["70 2026-01-07", "50 2026-01-07"]);
      const later = { ...status, at: at("2026-01-07") };
      expect(await getSignInStatus(test.db, later)).toMatchObject({ isWithheld: false });
    },
  );
});

describe("repairSchedules", () => {
  it("grants nothing that is withheld", async () => {
    const waiting = await signUp({ email: `${randomUUID()}@nobody.invalid` });
    const email = newAddress();
    await leave(await signUp({ email }), "2026-01-06");
    const returning = await signUp({ email, on: "2026-01-06" });
    const interrupted = randomUUID();
    await test.db
      .insert(user)
      .values({ id: interrupted, name: "Mei", email: `${randomUUID()}@nobody.invalid` });
    const result = await repairSchedules(test.db, {
      openAccount: (userId) => provision(userId, "2026-01-07"),
      deadlineMs: performance.now() + 60_000,
    });
    expect(result).toEqual({ repairedCount: 1, failedUsers: [], done: true });
    for (const userId of [waiting, returning, interrupted]) {
      expect(await grants(userId)).toEqual([]);
    }
  });
});

describe("signInDaily", () => {
  it("rewards a person once a day, also after they delete the account and return", async () => {
    const email = newAddress();
    const first = await signUp({ email });
    expect(await signIn(first, "2026-01-06")).toMatchObject({ created: true });
    await leave(first, "2026-01-06");
    const second = await signUp({ email, on: "2026-01-06" });
    expect(await signIn(second, "2026-01-06")).toEqual({ signIn: null, created: false });
    const status = { userId: second, timeZone: "UTC", at: at("2026-01-06") };
    expect(await getSignInStatus(test.db, status)).toMatchObject({
      isDone: true,
      credits: 0,
      nextAt: new Date("2026-01-07T00:00:00Z"),
    });
    expect(await signIn(second, "2026-01-07")).toMatchObject({ created: true });
    expect(await grants(second)).toEqual(["5 2026-01-07"]);
  });
});

describe("releaseWithheldCredits", () => {
  const release = (userId: string, on: string) =>
    test.db.transaction((tx) =>
      releaseWithheldCredits(tx, { userId, adminId: "admin", now: at(on) }),
    );

  it("grants everything that is withheld, once", async () => {
    const email = newAddress();
    await leave(await signUp({ email }), "2026-01-06");
    const userId = await signUp({ email, on: "2026-01-06" });
    expect(await release(userId, "2026-01-10")).toBe(true);
    expect(await release(userId, "2026-01-11")).toBe(false);
    expect(await grants(userId)).toEqual(["70 2026-01-10", "50 2026-01-10"]);
    expect(await claimOf(userId)).toMatchObject({
      reason: "returning",
      releasedBy: "admin",
      releasedAt: at("2026-01-10"),
    });
    await distribute("2026-02-10");
    expect(await grants(userId)).toHaveLength(3);
  });
});

describe("accounts from before the claims", () => {
  async function openBefore(email: string): Promise<string> {
    const userId = randomUUID();
    await test.db.insert(user).values({ id: userId, name: "Mei", email });
    await test.db.transaction((tx) => openCreditAccount(tx, { userId, now: at("2025-12-01") }));
    return userId;
  }

  it("keep what they have, and their owners are recognized", async () => {
    const [visiting, silent] = [newAddress(), newAddress()];
    const visitor = await openBefore(visiting);
    const other = await openBefore(silent);
    await provision(visitor, "2026-01-05");
    const deadlineMs = performance.now() + 60_000;
    expect(await recordOpenAccounts(test.db, { policy, deadlineMs })).toBe(true);
    for (const [userId, email] of [
      [visitor, visiting],
      [other, silent],
    ] as const) {
      expect(await grants(userId)).toEqual(["70 2025-12-01", "50 2025-12-01"]);
      expect(await isProvided(test.db, userId)).toBe(true);
      await leave(userId, "2026-01-06");
      expect(await grants(await signUp({ email, on: "2026-01-06" }))).not.toContain(
        "70 2026-01-06",
      );
    }
  });
});

describe("provideFreeCredits", () => {
  it("is undone with its transaction", async () => {
    const userId = randomUUID();
    const person = { id: userId, email: newAddress(), emailVerified: false };
    await test.db.insert(user).values({ ...person, name: "Mei" });
    const failing = test.db.transaction(async (tx) => {
      await provideFreeCredits(tx, { person, networkAddress: null, policy, now: at("2026-01-05") });
      throw new Error("crashed");
    });
    await expect(failing).rejects.toThrow("crashed");
    await provision(userId, "2026-01-05");
    expect(await grants(userId)).toHaveLength(2);
  });
});
