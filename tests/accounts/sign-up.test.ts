import { millisecondsInDay } from "date-fns/constants";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { provisionAccount } from "@/accounts/sign-up";
import type { AuthOptions } from "@/auth/create-auth";
import { verificationLinkFor } from "@/auth/emails";
import { freeCreditClaim, user } from "@/db/schema";
import { getBalance } from "@/ledger/reads/balance";
import { creditTransaction } from "@/ledger/schema";
import { dayName } from "@/lib/utc-period";
import { baziProfile } from "@/products/bazi/schema";
import { networkHash } from "@/rewards/claimant";
import { isProvided } from "@/rewards/free-credits";
import { GIFTS_PER_NETWORK_AND_DAY } from "@/rewards/free-credits-rule";
import {
  APP_URL,
  Browser,
  createTestAuth,
  errorCodeOf,
  findUser as findUserIn,
  SECRET,
  signUpInput,
} from "../auth/auth-fixture";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { FREE_CREDITS_POLICY as policy } from "../support/free-credits";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await database.close();
});

const findUser = (email: string) => findUserIn(database.db, email);

/** Inserts a user whose sign-up hook was lost after the commit, as in a crash. */
async function insertUserWithoutHook(id: string): Promise<void> {
  await database.db.insert(user).values({ id, name: "Lost Hook", email: `${id}@example.com` });
}

async function grantsOf(userId: string) {
  const rows = await database.db
    .select({ type: creditTransaction.type, amount: creditTransaction.amount })
    .from(creditTransaction)
    .where(eq(creditTransaction.userId, userId));
  return rows.toSorted((a, b) => a.type.localeCompare(b.type));
}

const SIGN_UP_GRANTS = [
  { type: "MONTHLY_REFRESH", amount: 50 },
  { type: "REGISTER_GIFT", amount: 70 },
];

describe("POST /sign-up/email", () => {
  it("signs the user in, grants exactly 120 credits and creates an empty profile", async () => {
    const browser = new Browser(createTestAuth(database.db));
    const response = await browser.post("/sign-up/email", signUpInput("mei@example.com"));
    expect(response.status).toBe(200);
    expect(browser.cookie).toContain("qiflow.session_token=");
    const { id } = await findUser("mei@example.com");
    expect(await grantsOf(id)).toEqual(SIGN_UP_GRANTS);
    const balance = await getBalance(database.db, { userId: id, at: new Date() });
    expect(balance.available).toBe(120);
    const profiles = await database.db.select().from(baziProfile).where(eq(baziProfile.userId, id));
    expect(profiles).toHaveLength(1);
    expect(profiles[0]?.birth).toBeNull();
  });

  it("stores the language and the time zone", async () => {
    const browser = new Browser(createTestAuth(database.db));
    const input = { ...signUpInput("wei@example.com"), locale: "zh-CN", timeZone: "Asia/Shanghai" };
    expect((await browser.post("/sign-up/email", input)).status).toBe(200);
    const { locale, timeZone } = await findUser("wei@example.com");
    expect({ locale, timeZone }).toEqual({ locale: "zh-CN", timeZone: "Asia/Shanghai" });
  });

  it("falls back to UTC for an unknown time zone", async () => {
    const browser = new Browser(createTestAuth(database.db));
    const input = { ...signUpInput("early@example.com"), timeZone: "Europe/Newtown" };
    expect((await browser.post("/sign-up/email", input)).status).toBe(200);
    expect((await findUser("early@example.com")).timeZone).toBe("UTC");
  });

  it.each([
    ["an unsupported language", { locale: "xx" }],
    ["a blank name", { name: "   " }],
    ["a long name", { name: "x".repeat(81) }],
    ["a short password", { password: "short" }],
    ["an invalid email address", { email: "nobody" }],
    ["a picture", { image: "https://elsewhere.example/pixel.png" }],
  ])("refuses %s and creates no user", async (_, change) => {
    const browser = new Browser(createTestAuth(database.db));
    const input = { ...signUpInput("refused@example.com"), ...change };
    const response = await browser.post("/sign-up/email", input);
    expect(response.status).toBe(400);
    const found = await database.db.select().from(user).where(eq(user.email, input.email));
    expect(found).toEqual([]);
  });

  it("refuses a taken address in any letter case", async () => {
    const browser = new Browser(createTestAuth(database.db));
    await browser.post("/sign-up/email", signUpInput("taken@example.com"));
    const second = new Browser(createTestAuth(database.db));
    const response = await second.post("/sign-up/email", signUpInput("Taken@Example.com"));
    expect(response.status).toBe(422);
    expect(await errorCodeOf(response)).toBe("USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL");
  });

  it("creates one user from concurrent sign-ups", async () => {
    const auth = createTestAuth(database.db);
    const responses = await Promise.all(
      Array.from({ length: 8 }, () =>
        new Browser(auth).post("/sign-up/email", signUpInput("race@example.com")),
      ),
    );
    expect(responses.filter((response) => response.ok)).toHaveLength(1);
    expect(responses.filter((response) => response.status === 422)).toHaveLength(7);
    const { id } = await findUser("race@example.com");
    expect(await grantsOf(id)).toEqual(SIGN_UP_GRANTS);
  });

  it.each([
    ["role", "admin"],
    ["banned", true],
    ["stripeCustomerId", "cus_somebody_else"],
    ["deletedAt", "2026-01-01T00:00:00Z"],
  ])("does not allow the client to set %s", async (field, value) => {
    const email = `${field.toLowerCase()}@example.com`;
    const browser = new Browser(createTestAuth(database.db));
    const input = { ...signUpInput(email), [field]: value };
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
    const update = await browser.post("/update-user", { [field]: value });
    expect(update.status).toBe(404);
  });

  it("ignores a claim that the address is verified", async () => {
    const browser = new Browser(createTestAuth(database.db, { adminEmails: ["boss@example.com"] }));
    await browser.post("/sign-up/email", {
      ...signUpInput("boss@example.com"),
      emailVerified: true,
    });
    expect(await findUser("boss@example.com")).toMatchObject({
      role: "user",
      emailVerified: false,
    });
  });
});

describe("free credits", () => {
  it("wait for the verified address beyond the budget of the client's network", async () => {
    const address = "192.0.2.9";
    const now = new Date();
    const gifts = Array.from({ length: GIFTS_PER_NETWORK_AND_DAY }, (_, index) => ({
      userId: `neighbour-${index}`,
      personHash: `neighbour-${index}`,
      networkHash: networkHash(address, policy.secret),
      day: dayName(now),
      claimedAt: now,
      giftAt: now,
      monthsFromAt: now,
      verified: false,
    }));
    await database.db.insert(freeCreditClaim).values(gifts);
    const auth = createTestAuth(database.db);
    const browser = new Browser(auth, address);
    await browser.post("/sign-up/email", signUpInput("late@example.com"));
    const { id } = await findUser("late@example.com");
    expect(await grantsOf(id)).toEqual([]);
    const createLink = verificationLinkFor({ db: database.db, appUrl: APP_URL, secret: SECRET });
    await browser.get((await createLink({ id, email: "late@example.com" })).url);
    expect(await grantsOf(id)).toEqual(SIGN_UP_GRANTS);
    await new Browser(auth, "192.0.3.9").post("/sign-up/email", signUpInput("next@example.com"));
    expect(await grantsOf((await findUser("next@example.com")).id)).toEqual(SIGN_UP_GRANTS);
  });

  it("are granted once to an address that signs up in parallel with tags", async () => {
    const auth = createTestAuth(database.db);
    const emails = ["tags@example.com", "tags+1@example.com", "tags+2@example.com"];
    await Promise.all(
      emails.map((email) => new Browser(auth).post("/sign-up/email", signUpInput(email))),
    );
    const users = await Promise.all(emails.map((email) => findUser(email)));
    const granted = await Promise.all(users.map(({ id }) => grantsOf(id)));
    expect(granted.flat()).toEqual(SIGN_UP_GRANTS);
  });
});

describe("provisionAccount", () => {
  it("grants the sign-up credits if the hook never ran", async () => {
    await insertUserWithoutHook("never-ran");
    expect(await isProvided(database.db, "never-ran")).toBe(false);
    await provisionAccount(database.db, { userId: "never-ran", policy, now: new Date() });
    expect(await isProvided(database.db, "never-ran")).toBe(true);
    expect(await grantsOf("never-ran")).toEqual(SIGN_UP_GRANTS);
  });

  it("grants the sign-up credits once, even a year later", async () => {
    await insertUserWithoutHook("ran-twice");
    const now = new Date();
    await provisionAccount(database.db, { userId: "ran-twice", policy, now });
    await provisionAccount(database.db, { userId: "ran-twice", policy, now });
    await provisionAccount(database.db, {
      userId: "ran-twice",
      policy,
      now: new Date(now.getTime() + 365 * millisecondsInDay),
    });
    const granted = (await grantsOf("ran-twice")).filter((row) => row.amount > 0);
    expect(granted).toEqual(SIGN_UP_GRANTS);
  });

  it("grants the sign-up credits once when twenty requests call it concurrently", async () => {
    await insertUserWithoutHook("in-parallel");
    const now = new Date();
    await Promise.all(
      Array.from({ length: 20 }, () =>
        provisionAccount(database.db, { userId: "in-parallel", policy, now }),
      ),
    );
    expect(await grantsOf("in-parallel")).toEqual(SIGN_UP_GRANTS);
  });

  it("grants nothing to a deleted account", async () => {
    await insertUserWithoutHook("deleted");
    await database.db.update(user).set({ deletedAt: new Date() }).where(eq(user.id, "deleted"));
    await provisionAccount(database.db, { userId: "deleted", policy, now: new Date() });
    expect(await grantsOf("deleted")).toEqual([]);
  });

  it("keeps its grants when a later step of the sign-up fails", async () => {
    const failing: AuthOptions["provisionAccount"] = async (db, person) => {
      await provisionAccount(db, { ...person, policy });
      throw new Error("email delivery failed");
    };
    const browser = new Browser(createTestAuth(database.db, { provisionAccount: failing }));
    const response = await browser.post(
      "/sign-up/email",
      signUpInput("delivery-failed@example.com"),
    );
    expect(response.status).toBe(200);
    const { id } = await findUser("delivery-failed@example.com");
    expect(await grantsOf(id)).toEqual(SIGN_UP_GRANTS);
  });
});
