import { subMinutes } from "date-fns";
import { and, eq, isNull } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { hasSecondFactor } from "@/auth/second-factors";
import { signOutOtherDevices } from "@/auth/sessions";
import { account, session, twoFactor, user } from "@/db/schema";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { secretOf, totpCode } from "../support/totp";
import { Browser, createTestAuth, errorCodeOf, PASSWORD, signUp } from "./auth-fixture";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.close();
});

const setUp = z.object({ totpURI: z.url(), backupCodes: z.array(z.string()) });

/** A user with a confirmed authenticator app. The code of the current period is used up. */
async function enrolledUser(email: string, auth = createTestAuth(database.db)) {
  const { browser, userId } = await signUp(database.db, email, auth);
  const response = await browser.post("/two-factor/enable", { password: PASSWORD });
  const { totpURI, backupCodes } = setUp.parse(await response.json());
  const secret = secretOf(totpURI);
  const confirmed = await browser.post("/two-factor/verify-totp", { code: totpCode(secret) });
  expect(confirmed.status).toBe(200);
  const signIn = async (device = new Browser(auth)) => {
    const signedIn = await device.post("/sign-in/email", { email, password: PASSWORD });
    return { device, body: z.record(z.string(), z.unknown()).parse(await signedIn.json()) };
  };
  return { auth, browser, userId, secret, backupCodes, signIn };
}

async function sessionOf(browser: Browser) {
  const response = await browser.get("/api/auth/get-session");
  const found = z.object({ session: z.object({ id: z.string() }) }).nullable();
  const id = found.parse(await response.json())?.session.id ?? "none";
  const [row] = await database.db.select().from(session).where(eq(session.id, id));
  return row ?? null;
}

/** Makes a session look as if the sign-in and every proof were 20 minutes ago. */
async function ageSessions(userId: string): Promise<void> {
  const then = subMinutes(new Date(), 20);
  await database.db
    .update(session)
    .set({ createdAt: then, passwordAt: then, secondFactorAt: null })
    .where(eq(session.userId, userId));
}

describe("two-factor sign-in", () => {
  it("opens no session until the code is entered", async () => {
    const { secret, signIn } = await enrolledUser("second@example.com");
    const { device, body } = await signIn();
    expect(body).toEqual({ twoFactorRedirect: true, twoFactorMethods: ["totp"] });
    expect(await sessionOf(device)).toBeNull();
    const wrong = await device.post("/two-factor/verify-totp", { code: "000000" });
    expect(await errorCodeOf(wrong)).toBe("INVALID_CODE");
    const code = totpCode(secret, { periodsAhead: 1 });
    expect((await device.post("/two-factor/verify-totp", { code })).status).toBe(200);
    const opened = await sessionOf(device);
    expect(opened?.secondFactorAt).toBeInstanceOf(Date);
  });

  it("refuses a code that was used before", async () => {
    const { secret, signIn } = await enrolledUser("replay@example.com");
    const { device } = await signIn();
    const response = await device.post("/two-factor/verify-totp", { code: totpCode(secret) });
    expect(await errorCodeOf(response)).toBe("CODE_USED");
  });

  it("accepts each backup code once", async () => {
    const { backupCodes, signIn } = await enrolledUser("backup@example.com");
    const [code] = backupCodes;
    const use = async () => {
      const { device } = await signIn();
      return device.post("/two-factor/verify-backup-code", { code });
    };
    expect((await use()).status).toBe(200);
    expect(await errorCodeOf(await use())).toBe("INVALID_BACKUP_CODE");
  });

  it("asks no code on a trusted device until the trust ends", async () => {
    const { browser, userId, secret, signIn } = await enrolledUser("trusted@example.com");
    const { device } = await signIn();
    const code = totpCode(secret, { periodsAhead: 1 });
    await device.post("/two-factor/verify-totp", { code, trustDevice: true });
    const trusted = await signIn(device);
    expect(trusted.body).not.toHaveProperty("twoFactorRedirect");
    expect((await sessionOf(device))?.secondFactorAt).toBeNull();
    const keepSessionId = (await sessionOf(browser))?.id ?? "";
    await signOutOtherDevices(database.db, { userId, keepSessionId });
    expect((await signIn(device)).body).toHaveProperty("twoFactorRedirect", true);
  });

  it("trusts no device after a change of the password", async () => {
    const { browser, secret, signIn } = await enrolledUser("changed@example.com");
    const { device } = await signIn();
    const code = totpCode(secret, { periodsAhead: 1 });
    await device.post("/two-factor/verify-totp", { code, trustDevice: true });
    const newPassword = "another good sentence";
    await browser.post("/change-password", { currentPassword: PASSWORD, newPassword });
    const email = "changed@example.com";
    const response = await device.post("/sign-in/email", { email, password: newPassword });
    expect(await response.json()).toHaveProperty("twoFactorRedirect", true);
  });

  it("limits the codes of one account, at sign-in and in a session", async () => {
    const auth = createTestAuth(database.db, { rateLimited: true, trustLoopback: true });
    const { browser, signIn } = await enrolledUser("guessed@example.com", auth);
    const guess = (device: Browser, n: number) =>
      device.post("/two-factor/verify-totp", { code: String(100_000 + n) });
    for (let n = 0; n < 5; n += 1) await guess(browser, n);
    const { device } = await signIn();
    for (let n = 5; n < 9; n += 1) await guess(device, n);
    expect((await guess(browser, 9)).status).toBe(401);
    const limited = await guess(browser, 10);
    expect(limited.status).toBe(429);
    expect(Number(limited.headers.get("retry-after"))).toBeGreaterThan(600);
  });

  it("stores the secret and the backup codes encrypted", async () => {
    const { userId, secret, backupCodes } = await enrolledUser("encrypted@example.com");
    const [row] = await database.db.select().from(twoFactor).where(eq(twoFactor.userId, userId));
    expect(row?.secret).not.toContain(secret);
    expect(row?.secret).toMatch(/^[\da-f]{80,}$/);
    expect(row?.backupCodes).not.toContain(backupCodes[0]);
    expect(row?.backupCodes).toMatch(/^[\da-f]{80,}$/);
  });
});

describe("a change of the second factor", () => {
  it("needs a recent code and the password", async () => {
    const { browser, userId, secret } = await enrolledUser("remover@example.com");
    await ageSessions(userId);
    const disable = (body: object) => browser.post("/two-factor/disable", body);
    expect(await errorCodeOf(await disable({ password: PASSWORD }))).toBe("PROOF_REQUIRED");
    await browser.post("/two-factor/verify-totp", { code: totpCode(secret, { periodsAhead: 1 }) });
    expect(await errorCodeOf(await disable({ password: "wrong" }))).toBe("INVALID_PASSWORD");
    expect(await errorCodeOf(await disable({}))).toBe("INVALID_PASSWORD");
    expect((await disable({ password: PASSWORD })).status).toBe(200);
    expect(await hasSecondFactor(database.db, userId)).toBe(false);
  });

  it("is refused to a new sign-in without the code, with and without a password", async () => {
    const { browser, userId } = await enrolledUser("replaced@example.com");
    const attempts = ["disable", "generate-backup-codes"].map((path) => `/two-factor/${path}`);
    const credentials = eq(account.userId, userId);
    // As a trusted device or a sign-in through Google leaves it.
    await database.db
      .update(session)
      .set({ createdAt: new Date(), passwordAt: new Date(), secondFactorAt: null })
      .where(eq(session.userId, userId));
    for (const path of attempts) {
      const refused = await browser.post(path, { password: PASSWORD });
      expect(await errorCodeOf(refused)).toBe("PROOF_REQUIRED");
    }
    await database.db
      .update(account)
      .set({ providerId: "google", password: null })
      .where(credentials);
    for (const path of attempts) {
      expect(await errorCodeOf(await browser.post(path, {}))).toBe("PROOF_REQUIRED");
    }
    expect(await hasSecondFactor(database.db, userId)).toBe(true);
  });

  it("needs a recent proof of a user without a password, whatever password is sent", async () => {
    const { browser, userId } = await signUp(database.db, "google@example.com");
    await database.db
      .update(account)
      .set({ providerId: "google", password: null })
      .where(eq(account.userId, userId));
    await ageSessions(userId);
    for (const body of [{}, { password: "anything" }]) {
      const refused = await browser.post("/two-factor/enable", body);
      expect(await errorCodeOf(refused)).toBe("PROOF_REQUIRED");
    }
    await database.db
      .update(session)
      .set({ createdAt: new Date() })
      .where(eq(session.userId, userId));
    const { totpURI } = setUp.parse(await (await browser.post("/two-factor/enable", {})).json());
    const secret = secretOf(totpURI);
    expect(await hasSecondFactor(database.db, userId)).toBe(false);
    await browser.post("/two-factor/verify-totp", { code: totpCode(secret) });
    expect(await hasSecondFactor(database.db, userId)).toBe(true);
    await ageSessions(userId);
    expect(await errorCodeOf(await browser.post("/two-factor/disable", {}))).toBe("PROOF_REQUIRED");
    const code = totpCode(secret, { periodsAhead: 1 });
    await browser.post("/two-factor/verify-totp", { code });
    expect((await browser.post("/two-factor/disable", {})).status).toBe(200);
  });

  it("is refused to a banned user and to an admin whose session has ended", async () => {
    const { browser, userId } = await signUp(database.db, "idle-admin@example.com");
    const enable = () => browser.post("/two-factor/enable", { password: PASSWORD });
    await database.db.update(user).set({ banned: true }).where(eq(user.id, userId));
    expect(await errorCodeOf(await enable())).toBe("BANNED_USER");
    await database.db.update(user).set({ banned: false, role: "admin" }).where(eq(user.id, userId));
    await database.db
      .update(session)
      .set({ createdAt: subMinutes(new Date(), 61) })
      .where(and(eq(session.userId, userId), isNull(session.lastUsedAt)));
    expect(await errorCodeOf(await enable())).toBe("SESSION_ENDED");
    await database.db.update(session).set({ lastUsedAt: new Date() });
    expect((await enable()).status).toBe(200);
  });
});
