import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteAccount } from "@/accounts/delete-account";
import { provisionAccount } from "@/accounts/sign-up";
import { findAudit } from "@/admin/audit";
import {
  freeCreditsQuery,
  previewRelease,
  readFreeCreditsPage,
  releaseFreeCredits,
} from "@/admin/free-credits";
import { user } from "@/db/schema";
import { getBalance } from "@/ledger/reads/balance";
import { InvalidInput, NotFound } from "@/lib/errors";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { FREE_CREDITS_POLICY as policy } from "../support/free-credits";

const now = new Date("2026-03-02T08:00:00Z");
let test: TestDatabase;
let waiting: string;

beforeAll(async () => {
  test = await createTestDatabase();
  await signUp("mei@example.com", "203.0.113.7");
  await signUp("lin@example.com", "203.0.113.8");
  await signUp("wei@example.com", null);
  waiting = await signUp("a@nobody.invalid", "203.0.113.9");
});
afterAll(async () => {
  await expectBooksBalanced(test.sql);
  await test.close();
});

async function signUp(email: string, networkAddress: string | null): Promise<string> {
  const id = randomUUID();
  await test.db.insert(user).values({ id, name: "Mei", email });
  await provisionAccount(test.db, { userId: id, networkAddress, policy, now });
  return id;
}

const read = (query: Record<string, string> = {}) =>
  readFreeCreditsPage(test.db, { filter: freeCreditsQuery.parse(query), now });
const balance = async (userId: string) => {
  const { available } = await getBalance(test.db, { userId, at: now });
  return available;
};

describe("readFreeCreditsPage", () => {
  it("counts sign-ups and gifts by day and network", async () => {
    const { networks } = await read();
    const day = "2026-03-02";
    expect(networks).toEqual([
      { day, networkHash: expect.any(String), signUps: 3, gifts: 2 },
      { day, networkHash: null, signUps: 1, gifts: 1 },
    ]);
  });

  it("lists what was withheld from whom and why, by user, network, reason and state", async () => {
    const { page, networks, emails } = await read();
    const claim = { userId: waiting, reason: "disposable", giftAt: null, monthsFromAt: null };
    expect(page.rows).toMatchObject([claim]);
    expect(emails.get(waiting)).toBe("a@nobody.invalid");
    const network = networks[0]?.networkHash ?? "";
    for (const query of [{ q: waiting }, { q: network }, { reason: "disposable" }]) {
      expect((await read({ ...query, state: "withheld" })).page.rows).toMatchObject([claim]);
    }
    for (const query of [{ q: "nobody" }, { reason: "debt" }, { state: "released" }]) {
      expect((await read(query)).page.rows).toEqual([]);
    }
  });
});

describe("releaseFreeCredits", () => {
  const release = (id: string, userId: string) =>
    releaseFreeCredits(test.db, { id, userId, reason: "a colleague", actorId: "boss", now });

  it("shows before what it grants", async () => {
    const effect = await previewRelease(test.db, { userId: waiting, adminId: "boss", now });
    expect(effect).toMatchObject({
      before: { available: 0 },
      after: { available: 120 },
      taken: [],
    });
    expect(effect.added.map(({ type, credits }) => [type, credits])).toEqual(
      expect.arrayContaining([
        ["REGISTER_GIFT", 70],
        ["MONTHLY_REFRESH", 50],
      ]),
    );
    expect(await balance(waiting)).toBe(0);
  });

  it("grants everything once and records who did it and why", async () => {
    const id = randomUUID();
    await release(id, waiting);
    await release(id, waiting);
    expect(await balance(waiting)).toBe(120);
    expect(await findAudit(test.db, id)).toMatchObject({
      action: "free-credits.release",
      targetUserId: waiting,
      reason: "a colleague",
      before: { withheld: "disposable", giftAt: null, monthsFromAt: null },
    });
    const { rows } = (await read({ state: "released" })).page;
    expect(rows).toMatchObject([{ userId: waiting, releasedBy: "boss", giftAt: now }]);
  });

  it("throws InvalidInput and records nothing if nothing is withheld", async () => {
    const id = randomUUID();
    await expect(release(id, waiting)).rejects.toThrow(InvalidInput);
    expect(await findAudit(test.db, id)).toBeUndefined();
    expect(await balance(waiting)).toBe(120);
  });

  it("throws NotFound for an unknown user and for a deleted account", async () => {
    await expect(release(randomUUID(), "unknown")).rejects.toThrow(NotFound);
    const gone = await signUp("b@nobody.invalid", null);
    await deleteAccount(test.db, { userId: gone, now });
    await expect(release(randomUUID(), gone)).rejects.toThrow(NotFound);
  });
});
