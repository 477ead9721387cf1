import { and, desc, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { outbox, user, verification } from "@/db/schema";
import { storedEmail } from "@/emails/email-content";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { APP_URL, Browser, codeOf, PASSWORD, person, testAuth } from "./test-auth";

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
  const auth = testAuth(database.db, ADMINS);
  const browser = new Browser(auth);
  await browser.post("/sign-up/email", { ...person(email), locale });
  return { auth, browser };
}

async function findUser(email: string) {
  const [found] = await database.db.select().from(user).where(eq(user.email, email));
  if (found === undefined) throw new Error(`no user ${email}`);
  return found;
}

/** The mails to an address, newest first. */
async function mailsTo(email: string) {
  const { id } = await findUser(email);
  const rows = await database.db
    .select()
    .from(outbox)
    .where(and(eq(outbox.kind, "email"), eq(outbox.userId, id)))
    .orderBy(desc(outbox.createdAt));
  return rows.map((row) => storedEmail.parse(row.payload));
}

async function linkTo(email: string, template: "verify-email" | "reset-password"): Promise<URL> {
  const mail = (await mailsTo(email)).find((candidate) => candidate.template === template);
  if (mail === undefined || !("url" in mail.props)) throw new Error(`no ${template} to ${email}`);
  return new URL(mail.props.url);
}

describe("the verification mail", () => {
  it("is written with the sign-up, once, in the person's language", async () => {
    await signUp("wei@example.com", "zh-CN");
    const mails = await mailsTo("wei@example.com");
    expect(mails).toHaveLength(1);
    expect(mails[0]).toMatchObject({ template: "verify-email", locale: "zh-CN" });
    const link = await linkTo("wei@example.com", "verify-email");
    expect(link.origin).toBe(APP_URL);
    expect(link.searchParams.get("callbackURL")).toBe("/zh/verify-email?checked=1");
  });

  it("verifies the address and leads to our page", async () => {
    const { browser } = await signUp("verify@example.com");
    const response = await browser.get((await linkTo("verify@example.com", "verify-email")).href);
    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toBe("/verify-email?checked=1");
    expect(await findUser("verify@example.com")).toMatchObject({
      emailVerified: true,
      role: "user",
    });
  });

  it("with a changed token verifies nothing", async () => {
    const { browser } = await signUp("forged@example.com");
    const link = await linkTo("forged@example.com", "verify-email");
    link.searchParams.set("token", `${link.searchParams.get("token")}x`);
    const response = await browser.get(link.href);
    expect(response.headers.get("location")).toContain("error=INVALID_TOKEN");
    expect((await findUser("forged@example.com")).emailVerified).toBe(false);
  });

  it("never leads to another site", async () => {
    const { browser } = await signUp("elsewhere@example.com");
    const link = await linkTo("elsewhere@example.com", "verify-email");
    link.searchParams.set("callbackURL", "https://elsewhere.example/");
    expect((await browser.get(link.href)).status).toBe(403);
  });

  it("makes an admin of somebody listed who opens it in the account they signed up with", async () => {
    const { browser } = await signUp("boss@example.com");
    expect((await findUser("boss@example.com")).role).toBe("user");
    await browser.get((await linkTo("boss@example.com", "verify-email")).href);
    expect(await findUser("boss@example.com")).toMatchObject({
      emailVerified: true,
      role: "admin",
    });
  });

  it("makes no admin of an account that somebody else opened with that address", async () => {
    const { auth } = await signUp("hijacked@example.com");
    const mailboxOwner = new Browser(auth);
    await mailboxOwner.get((await linkTo("hijacked@example.com", "verify-email")).href);
    expect((await findUser("hijacked@example.com")).role).toBe("user");
  });
});

describe("setting a new password", () => {
  it("answers a known and an unknown address alike", async () => {
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

  it("works once, ends all sessions and makes the new password the only one", async () => {
    const { auth, browser } = await signUp("forgetful@example.com");
    await browser.post("/request-password-reset", { email: "forgetful@example.com" });
    const link = await linkTo("forgetful@example.com", "reset-password");
    expect(link.pathname).toBe("/reset-password");
    const token = link.searchParams.get("token") ?? "";
    const set = (newPassword: string) =>
      new Browser(auth).post("/reset-password", { newPassword, token });
    const answers = await Promise.all([set(NEW_PASSWORD), set(NEW_PASSWORD), set(NEW_PASSWORD)]);
    expect(answers.map((answer) => answer.status).toSorted()).toEqual([200, 400, 400]);
    const again = await set("yet another password");
    expect(await codeOf(again)).toBe("INVALID_TOKEN");
    expect(await (await browser.get("/api/auth/get-session")).text()).toBe("null");
    const signIn = (password: string) =>
      new Browser(auth).post("/sign-in/email", { email: "forgetful@example.com", password });
    expect((await signIn(PASSWORD)).status).toBe(401);
    expect((await signIn(NEW_PASSWORD)).status).toBe(200);
  });

  it("lets somebody in at once who had guessed too often before", async () => {
    const auth = testAuth(database.db, { rateLimited: true });
    const email = "locked-out@example.com";
    const browser = new Browser(auth, "203.0.113.44");
    await browser.post("/sign-up/email", person(email));
    const signIn = async (password: string) =>
      (await new Browser(auth, "203.0.113.44").post("/sign-in/email", { email, password })).status;
    const guesses: number[] = [];
    for (let guess = 0; guess < 11; guess += 1) guesses.push(await signIn("guess"));
    expect(guesses.at(-1)).toBe(429);
    await browser.post("/request-password-reset", { email });
    const token = (await linkTo(email, "reset-password")).searchParams.get("token");
    await browser.post("/reset-password", { newPassword: NEW_PASSWORD, token });
    expect(await signIn(NEW_PASSWORD)).toBe(200);
  });

  it("refuses a token that is too old", async () => {
    const { auth, browser } = await signUp("slow@example.com");
    await browser.post("/request-password-reset", { email: "slow@example.com" });
    const token = (await linkTo("slow@example.com", "reset-password")).searchParams.get("token");
    const { id } = await findUser("slow@example.com");
    await database.db
      .update(verification)
      .set({ expiresAt: new Date(Date.now() - 1000) })
      .where(eq(verification.value, id));
    const late = await new Browser(auth).post("/reset-password", {
      newPassword: NEW_PASSWORD,
      token,
    });
    expect(await codeOf(late)).toBe("INVALID_TOKEN");
  });

  it("keeps no token in the database that could be used", async () => {
    const { browser } = await signUp("hashed@example.com");
    await browser.post("/request-password-reset", { email: "hashed@example.com" });
    const token = (await linkTo("hashed@example.com", "reset-password")).searchParams.get("token");
    const { id } = await findUser("hashed@example.com");
    const [row] = await database.db.select().from(verification).where(eq(verification.value, id));
    expect(row).toBeDefined();
    expect(row?.identifier).not.toContain(token);
  });

  it("makes an admin of somebody listed, as the mail has reached them", async () => {
    const { auth, browser } = await signUp("reset@example.com");
    await browser.post("/request-password-reset", { email: "reset@example.com" });
    const token = (await linkTo("reset@example.com", "reset-password")).searchParams.get("token");
    await new Browser(auth).post("/reset-password", { newPassword: NEW_PASSWORD, token });
    expect(await findUser("reset@example.com")).toMatchObject({
      emailVerified: true,
      role: "admin",
    });
  });
});
