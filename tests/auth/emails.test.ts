import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verification } from "@/db/schema";
import { renderEmail } from "@/emails/render-email";
import { createTestDatabase, type TestDatabase } from "../support/database";
import {
  APP_URL,
  Browser,
  createTestAuth,
  errorCodeOf,
  findUser,
  PASSWORD,
  signUpInput,
} from "./auth-fixture";
import { emailsOf, linkIn as linkInEmail } from "./emails-fixture";

const NEW_PASSWORD = "a different good password";
const ADMINS = { adminEmails: ["boss@example.com", "hijacked@example.com", "reset@example.com"] };

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.close();
});

async function signUp(email: string, locale = "en") {
  const auth = createTestAuth(database.db, ADMINS);
  const browser = new Browser(auth);
  await browser.post("/sign-up/email", { ...signUpInput(email), locale });
  return { auth, browser };
}

const emailsTo = async (email: string) =>
  emailsOf(database.db, (await findUser(database.db, email)).id);

async function linkIn(email: string, template: "verify-email" | "reset-password") {
  const { id: userId } = await findUser(database.db, email);
  return linkInEmail(database.db, { userId, template });
}

describe("verification email", () => {
  it("is queued once per sign-up, in the user's language", async () => {
    await signUp("wei@example.com", "zh-CN");
    const emails = await emailsTo("wei@example.com");
    expect(emails).toHaveLength(1);
    expect(emails[0]).toMatchObject({ template: "verify-email", locale: "zh-CN" });
    const link = await linkIn("wei@example.com", "verify-email");
    expect(link.origin).toBe(APP_URL);
    expect(link.searchParams.get("callbackURL")).toBe("/zh/verify-email?checked=1");
  });

  it("contains nothing that the person who signed up typed", async () => {
    const auth = createTestAuth(database.db);
    const victim = "victim@example.com";
    const input = { ...signUpInput(victim), name: "Claim it at https://evil.example" };
    await new Browser(auth).post("/sign-up/email", input);
    await new Browser(auth).post("/request-password-reset", { email: victim });
    await new Browser(auth).post("/send-verification-email", { email: victim });
    const emails = await emailsTo(victim);
    expect(emails).toHaveLength(3);
    for (const email of emails) {
      const { subject, html, text } = await renderEmail(email, { appUrl: APP_URL });
      expect(subject + html + text).not.toContain("evil");
    }
  });

  it("is in the language of the page that requests it, like the email to reset a password", async () => {
    const { browser } = await signUp("switched@example.com", "zh-CN");
    const email = "switched@example.com";
    const onEnglishPage = { "x-page-language": "en" };
    await browser.post("/send-verification-email", { email }, onEnglishPage);
    await new Browser(createTestAuth(database.db)).post(
      "/request-password-reset",
      { email },
      onEnglishPage,
    );
    const sent = await emailsTo(email);
    expect(sent.map(({ template, locale }) => [template, locale])).toEqual([
      ["reset-password", "en"],
      ["verify-email", "en"],
      ["verify-email", "zh-CN"],
    ]);
    expect((await linkIn(email, "reset-password")).pathname).toBe("/reset-password");
    await browser.post("/send-verification-email", { email }, { "x-page-language": "xx" });
    expect((await emailsTo(email))[0]?.locale).toBe("zh-CN");
  });

  it("verifies the address and redirects to our page", async () => {
    const { browser } = await signUp("verify@example.com");
    const response = await browser.get((await linkIn("verify@example.com", "verify-email")).href);
    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toBe("/verify-email?checked=1");
    expect(await findUser(database.db, "verify@example.com")).toMatchObject({
      emailVerified: true,
      role: "user",
    });
  });

  it("verifies nothing with a modified token", async () => {
    const { browser } = await signUp("forged@example.com");
    const link = await linkIn("forged@example.com", "verify-email");
    link.searchParams.set("token", `${link.searchParams.get("token")}x`);
    const response = await browser.get(link.href);
    expect(response.headers.get("location")).toContain("error=INVALID_TOKEN");
    expect((await findUser(database.db, "forged@example.com")).emailVerified).toBe(false);
  });

  it("never redirects to another site", async () => {
    const { browser } = await signUp("elsewhere@example.com");
    const link = await linkIn("elsewhere@example.com", "verify-email");
    link.searchParams.set("callbackURL", "https://elsewhere.example/");
    expect((await browser.get(link.href)).status).toBe(403);
  });

  it("makes a listed user an admin when opened while signed in to the account", async () => {
    const { browser } = await signUp("boss@example.com");
    expect((await findUser(database.db, "boss@example.com")).role).toBe("user");
    await browser.get((await linkIn("boss@example.com", "verify-email")).href);
    expect(await findUser(database.db, "boss@example.com")).toMatchObject({
      emailVerified: true,
      role: "admin",
    });
  });

  it("makes no admin of an account that someone else created with a listed address", async () => {
    const { auth } = await signUp("hijacked@example.com");
    const mailboxOwner = new Browser(auth);
    await mailboxOwner.get((await linkIn("hijacked@example.com", "verify-email")).href);
    expect((await findUser(database.db, "hijacked@example.com")).role).toBe("user");
  });
});

describe("password reset", () => {
  it("responds identically to a known and an unknown address", async () => {
    const { auth } = await signUp("known@example.com");
    const known = await new Browser(auth).post("/request-password-reset", {
      email: "known@example.com",
    });
    const unknown = await new Browser(auth).post("/request-password-reset", {
      email: "unknown@example.com",
    });
    expect([known.status, unknown.status]).toEqual([200, 200]);
    expect(await known.text()).toBe(await unknown.text());
  });

  it("works once, ends all sessions and replaces the password", async () => {
    const { auth, browser } = await signUp("forgetful@example.com");
    await browser.post("/request-password-reset", { email: "forgetful@example.com" });
    const link = await linkIn("forgetful@example.com", "reset-password");
    expect(link.pathname).toBe("/reset-password");
    const token = link.searchParams.get("token") ?? "";
    const set = (newPassword: string) =>
      new Browser(auth).post("/reset-password", { newPassword, token });
    const responses = await Promise.all([set(NEW_PASSWORD), set(NEW_PASSWORD), set(NEW_PASSWORD)]);
    expect(responses.map((response) => response.status).toSorted()).toEqual([200, 400, 400]);
    const again = await set("yet another password");
    expect(await errorCodeOf(again)).toBe("INVALID_TOKEN");
    expect(await (await browser.get("/api/auth/get-session")).text()).toBe("null");
    const signIn = (password: string) =>
      new Browser(auth).post("/sign-in/email", { email: "forgetful@example.com", password });
    expect((await signIn(PASSWORD)).status).toBe(401);
    expect((await signIn(NEW_PASSWORD)).status).toBe(200);
  });

  it("clears the sign-in limit of the email address", async () => {
    const auth = createTestAuth(database.db, { rateLimited: true });
    const email = "locked-out@example.com";
    const browser = new Browser(auth, "203.0.113.44");
    await browser.post("/sign-up/email", signUpInput(email));
    const signIn = async (password: string) =>
      (await new Browser(auth, "203.0.113.44").post("/sign-in/email", { email, password })).status;
    const guesses: number[] = [];
    for (let guess = 0; guess < 11; guess += 1) guesses.push(await signIn("guess"));
    expect(guesses.at(-1)).toBe(429);
    await browser.post("/request-password-reset", { email });
    const token = (await linkIn(email, "reset-password")).searchParams.get("token");
    await browser.post("/reset-password", { newPassword: NEW_PASSWORD, token });
    expect(await signIn(NEW_PASSWORD)).toBe(200);
  });

  it("refuses an expired token", async () => {
    const { auth, browser } = await signUp("slow@example.com");
    await browser.post("/request-password-reset", { email: "slow@example.com" });
    const token = (await linkIn("slow@example.com", "reset-password")).searchParams.get("token");
    const { id } = await findUser(database.db, "slow@example.com");
    await database.db
      .update(verification)
      .set({ expiresAt: new Date(Date.now() - 1000) })
      .where(eq(verification.value, id));
    const late = await new Browser(auth).post("/reset-password", {
      newPassword: NEW_PASSWORD,
      token,
    });
    expect(await errorCodeOf(late)).toBe("INVALID_TOKEN");
  });

  it("stores only a hash of the token", async () => {
    const { browser } = await signUp("hashed@example.com");
    await browser.post("/request-password-reset", { email: "hashed@example.com" });
    const token = (await linkIn("hashed@example.com", "reset-password")).searchParams.get("token");
    const { id } = await findUser(database.db, "hashed@example.com");
    const [row] = await database.db.select().from(verification).where(eq(verification.value, id));
    expect(row).toBeDefined();
    expect(row?.identifier).not.toContain(token);
  });

  it("makes a listed user an admin, because the email verifies the address", async () => {
    const { auth, browser } = await signUp("reset@example.com");
    await browser.post("/request-password-reset", { email: "reset@example.com" });
    const token = (await linkIn("reset@example.com", "reset-password")).searchParams.get("token");
    await new Browser(auth).post("/reset-password", { newPassword: NEW_PASSWORD, token });
    expect(await findUser(database.db, "reset@example.com")).toMatchObject({
      emailVerified: true,
      role: "admin",
    });
  });
});
