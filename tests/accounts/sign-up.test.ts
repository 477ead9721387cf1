import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isProvisioned, provisionAccount } from "@/accounts/sign-up";
import { baziProfile, user } from "@/db/schema";
import { getBalance } from "@/ledger/reads/balance";
import { creditTransaction } from "@/ledger/schema";
import { Browser, codeOf, person, testAuth } from "../auth/test-auth";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await database.close();
});

async function findUser(email: string) {
  const [found] = await database.db.select().from(user).where(eq(user.email, email));
  if (found === undefined) throw new Error(`no user ${email}`);
  return found;
}

/** A user whose hook after the commit was lost, as after a crash. */
async function insertUserWithoutHook(id: string): Promise<void> {
  await database.db.insert(user).values({ id, name: "Lost Hook", email: `${id}@example.com` });
}

async function startingCredits(userId: string) {
  const rows = await database.db
    .select({ type: creditTransaction.type, amount: creditTransaction.amount })
    .from(creditTransaction)
    .where(eq(creditTransaction.userId, userId));
  return rows.toSorted((a, b) => a.type.localeCompare(b.type));
}

const GIFT_AND_MONTH = [
  { type: "MONTHLY_REFRESH", amount: 50 },
  { type: "REGISTER_GIFT", amount: 70 },
];

describe("signing up", () => {
  it("signs the person in, grants exactly 120 credits and makes an empty profile", async () => {
    const browser = new Browser(testAuth(database.db));
    const response = await browser.post("/sign-up/email", person("mei@example.com"));
    expect(response.status).toBe(200);
    expect(browser.cookie).toContain("qiflow.session_token=");
    const { id } = await findUser("mei@example.com");
    expect(await startingCredits(id)).toEqual(GIFT_AND_MONTH);
    const balance = await getBalance(database.db, { userId: id, at: new Date() });
    expect(balance.available).toBe(120);
    const profiles = await database.db.select().from(baziProfile).where(eq(baziProfile.userId, id));
    expect(profiles).toHaveLength(1);
    expect(profiles[0]?.birth).toBeNull();
  });

  it("keeps language and time zone", async () => {
    const browser = new Browser(testAuth(database.db));
    const input = { ...person("wei@example.com"), locale: "zh-CN", timeZone: "Asia/Shanghai" };
    expect((await browser.post("/sign-up/email", input)).status).toBe(200);
    const { locale, timeZone } = await findUser("wei@example.com");
    expect({ locale, timeZone }).toEqual({ locale: "zh-CN", timeZone: "Asia/Shanghai" });
  });

  it("takes UTC for a zone that a browser knows and this server does not", async () => {
    const browser = new Browser(testAuth(database.db));
    const input = { ...person("early@example.com"), timeZone: "Europe/Newtown" };
    expect((await browser.post("/sign-up/email", input)).status).toBe(200);
    expect((await findUser("early@example.com")).timeZone).toBe("UTC");
  });

  it.each([
    ["a language we do not speak", { locale: "xx" }],
    ["no name", { name: "   " }],
    ["a name without end", { name: "x".repeat(81) }],
    ["a short password", { password: "short" }],
    ["something that is no address", { email: "nobody" }],
    ["a picture", { image: "https://elsewhere.example/pixel.png" }],
  ])("refuses %s and makes no user", async (_, change) => {
    const browser = new Browser(testAuth(database.db));
    const input = { ...person("refused@example.com"), ...change };
    const response = await browser.post("/sign-up/email", input);
    expect(response.status).toBe(400);
    const found = await database.db.select().from(user).where(eq(user.email, input.email));
    expect(found).toEqual([]);
  });

  it("says that an address is taken, however it is spelled", async () => {
    const browser = new Browser(testAuth(database.db));
    await browser.post("/sign-up/email", person("taken@example.com"));
    const again = new Browser(testAuth(database.db));
    const response = await again.post("/sign-up/email", person("Taken@Example.com"));
    expect(response.status).toBe(422);
    expect(await codeOf(response)).toBe("USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL");
  });

  it("makes one user of two sign-ups at the same moment", async () => {
    const auth = testAuth(database.db);
    const responses = await Promise.all(
      Array.from({ length: 8 }, () =>
        new Browser(auth).post("/sign-up/email", person("race@example.com")),
      ),
    );
    expect(responses.filter((response) => response.ok)).toHaveLength(1);
    expect(responses.filter((response) => response.status === 422)).toHaveLength(7);
    const { id } = await findUser("race@example.com");
    expect(await startingCredits(id)).toEqual(GIFT_AND_MONTH);
  });

  it.each([
    ["role", "admin"],
    ["banned", true],
    ["stripeCustomerId", "cus_somebody_else"],
    ["deletedAt", "2026-01-01T00:00:00Z"],
  ])("does not let the client set %s", async (field, value) => {
    const email = `${field.toLowerCase()}@example.com`;
    const browser = new Browser(testAuth(database.db));
    const input = { ...person(email), [field]: value };
    await browser.post("/sign-up/email", input);
    const rows = await database.db.select().from(user).where(eq(user.email, email));
    for (const row of rows) {
      expect(row).toMatchObject({
        role: "user",
        banned: false,
        stripeCustomerId: null,
        deletedAt: null,
      });
    }
    const second = await browser.post("/update-user", { [field]: value });
    expect(second.status).toBe(404);
  });

  it("believes no claim to a verified address", async () => {
    const browser = new Browser(testAuth(database.db, { adminEmails: ["boss@example.com"] }));
    await browser.post("/sign-up/email", { ...person("boss@example.com"), emailVerified: true });
    expect(await findUser("boss@example.com")).toMatchObject({
      role: "user",
      emailVerified: false,
    });
  });
});

describe("the credits of the sign-up", () => {
  it("are granted by a later call when the hook never ran", async () => {
    await insertUserWithoutHook("never-ran");
    expect(await isProvisioned(database.db, "never-ran")).toBe(false);
    await provisionAccount(database.db, { userId: "never-ran", now: new Date() });
    expect(await isProvisioned(database.db, "never-ran")).toBe(true);
    expect(await startingCredits("never-ran")).toEqual(GIFT_AND_MONTH);
  });

  it("are granted once when the hook runs again, even a year later", async () => {
    await insertUserWithoutHook("ran-twice");
    const now = new Date();
    await provisionAccount(database.db, { userId: "ran-twice", now });
    await provisionAccount(database.db, { userId: "ran-twice", now });
    await provisionAccount(database.db, {
      userId: "ran-twice",
      now: new Date(now.getTime() + 365 * 86_400_000),
    });
    const granted = (await startingCredits("ran-twice")).filter((row) => row.amount > 0);
    expect(granted).toEqual(GIFT_AND_MONTH);
  });

  it("are granted once when twenty requests find them owed at the same moment", async () => {
    await insertUserWithoutHook("in-parallel");
    const now = new Date();
    await Promise.all(
      Array.from({ length: 20 }, () =>
        provisionAccount(database.db, { userId: "in-parallel", now }),
      ),
    );
    expect(await startingCredits("in-parallel")).toEqual(GIFT_AND_MONTH);
  });

  it("are not granted to an account that was deleted", async () => {
    await insertUserWithoutHook("deleted");
    await database.db.update(user).set({ deletedAt: new Date() }).where(eq(user.id, "deleted"));
    await provisionAccount(database.db, { userId: "deleted", now: new Date() });
    expect(await startingCredits("deleted")).toEqual([]);
  });

  it("are there, and the sign-up succeeds, when what follows the commit fails", async () => {
    const failing = () => {
      throw new Error("the post is on fire");
    };
    const browser = new Browser(testAuth(database.db, { onEmailQueued: failing }));
    const response = await browser.post("/sign-up/email", person("fire@example.com"));
    expect(response.status).toBe(200);
    const { id } = await findUser("fire@example.com");
    expect(await startingCredits(id)).toEqual(GIFT_AND_MONTH);
  });
});
