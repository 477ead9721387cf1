import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listSignInEvents } from "@/auth/sign-in-events";
import { user } from "@/db/schema";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { secretOf, totpCode } from "../support/totp";
import { Browser, createTestAuth, PASSWORD, signUp } from "./auth-fixture";
import { emailsOf, resetTokenOf } from "./emails-fixture";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const CHROME = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/140.0 Safari/537.36";

async function member(email: string, { verified }: { verified: boolean }) {
  const signedUp = await signUp(database.db, email);
  const { userId } = signedUp;
  if (verified) {
    await database.db.update(user).set({ emailVerified: true }).where(eq(user.id, userId));
  }
  const signIn = (browser: Browser) =>
    browser.post("/sign-in/email", { email, password: PASSWORD }, { "user-agent": CHROME });
  const kinds = async () =>
    (await listSignInEvents(database.db, { userId, limit: 50 })).map(({ kind }) => kind);
  const warnings = async () =>
    (await emailsOf(database.db, userId)).filter(({ template }) => template === "new-sign-in");
  return { ...signedUp, signIn, kinds, warnings };
}

describe("the log of sign-ins", () => {
  it("records device and shortened network of a sign-in, and no refused one", async () => {
    const { auth, userId, signIn } = await member("logged@example.com", { verified: false });
    const stranger = new Browser(auth);
    await stranger.post("/sign-in/email", { email: "logged@example.com", password: "wrong" });
    await signIn(new Browser(auth));
    const [event, ...earlier] = await listSignInEvents(database.db, { userId, limit: 50 });
    expect(event).toMatchObject({
      kind: "password",
      browser: "Chrome",
      system: "macOS",
      network: "203.0.113.0/24",
      at: expect.any(Date),
    });
    expect(earlier.map(({ kind }) => kind)).toEqual(["sign-up"]);
  });

  it("records a sign-in with a code once, after the code, and changes of the second factor", async () => {
    const { auth, browser, signIn, kinds, warnings } = await member("coded@example.com", {
      verified: true,
    });
    const started = await browser.post("/two-factor/enable", { password: PASSWORD });
    const secret = secretOf((await started.json()).totpURI);
    await browser.post("/two-factor/verify-totp", { code: totpCode(secret) });
    const other = new Browser(auth);
    await signIn(other);
    expect(await kinds()).toEqual(["two-factor-on", "sign-up"]);
    expect(await warnings()).toEqual([]);
    await other.post("/two-factor/verify-totp", { code: totpCode(secret, { periodsAhead: 1 }) });
    expect(await kinds()).toEqual(["code", "two-factor-on", "sign-up"]);
    expect(await warnings()).toHaveLength(1);
    await browser.post("/two-factor/generate-backup-codes", { password: PASSWORD });
    await browser.post("/two-factor/disable", { password: "wrong" });
    await browser.post("/two-factor/disable", { password: PASSWORD });
    expect((await kinds()).slice(0, 2)).toEqual(["two-factor-off", "backup-codes-created"]);
  });

  it("records changes of the password", async () => {
    const email = "passwords@example.com";
    const { auth, browser, kinds } = await member(email, { verified: true });
    const newPassword = "another good sentence";
    await browser.post("/change-password", { currentPassword: PASSWORD, newPassword });
    await browser.post("/request-password-reset", { email });
    const token = await resetTokenOf(database.db, email);
    await new Browser(auth).post("/reset-password", { newPassword: PASSWORD, token });
    expect(await kinds()).toEqual(["password-reset", "password-changed", "sign-up"]);
  });
});

describe("the email about a new device", () => {
  it("is sent for a browser that has not signed in to the account, once", async () => {
    const { auth, browser, signIn, warnings } = await member("watched@example.com", {
      verified: true,
    });
    await signIn(browser);
    expect(await warnings(), "the browser that signed up is known").toEqual([]);
    const other = new Browser(auth, "2001:db8:12:34::1");
    await signIn(other);
    expect(await warnings()).toMatchObject([
      { props: { browser: "Chrome", system: "macOS", network: "2001:db8:12::/48" } },
    ]);
    await signIn(other);
    expect(await warnings()).toHaveLength(1);
  });

  it("is sent neither to an unverified address nor for the first sign-in that is recorded", async () => {
    const unverified = await member("unverified@example.com", { verified: false });
    await unverified.signIn(new Browser(unverified.auth));
    expect(await unverified.warnings()).toEqual([]);
    const early = await member("early@example.com", { verified: true });
    await database.ownerSql`delete from sign_in_event where user_id = ${early.userId}`;
    await early.signIn(new Browser(createTestAuth(database.db)));
    expect(await early.warnings()).toEqual([]);
  });
});
