import { subMinutes } from "date-fns";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { listPasskeys, removePasskey, renamePasskey } from "@/auth/passkeys/stored-passkeys";
import { hasSecondFactor } from "@/auth/second-factors";
import { listSignInEvents } from "@/auth/sign-in-events";
import { apikey, apiService, auditLog, passkey, session, user } from "@/db/schema";
import { ProofRequired } from "@/lib/errors";
import { logger } from "@/lib/logger";
import { Authenticator } from "../support/authenticator";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { Browser, createTestAuth, errorCodeOf, PASSWORD, signedInAt, signUp } from "./auth-fixture";
import { emailsOf, linkIn } from "./emails-fixture";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const CHROME = { "user-agent": "Mozilla/5.0 (Macintosh) Chrome/140.0 Safari/537.36" };
const DEVICE = { userAgent: CHROME["user-agent"], address: "203.0.113.7" };
const options = z.object({ challenge: z.string() });

async function challengeOf(browser: Browser, kind: "register" | "authenticate") {
  const response = await browser.get(`/api/auth/passkey/generate-${kind}-options`);
  return response.ok ? options.parse(await response.json()) : expect.fail(await response.text());
}

async function add(browser: Browser, key = new Authenticator(), name = "Work laptop") {
  const response = key.create(await challengeOf(browser, "register"));
  return browser.post("/passkey/verify-registration", { name, response }, CHROME);
}

async function signIn(browser: Browser, key: Authenticator) {
  const response = key.get(await challengeOf(browser, "authenticate"));
  return browser.post("/passkey/verify-authentication", { response }, CHROME);
}

async function confirm(browser: Browser, key: Authenticator) {
  const response = key.get(await challengeOf(browser, "authenticate"));
  return browser.post("/passkey/confirm", { response });
}

/** A user with a passkey. */
async function owner(email: string, auth = createTestAuth(database.db)) {
  const signedUp = await signUp(database.db, email, auth);
  const key = new Authenticator();
  expect((await add(signedUp.browser, key)).status).toBe(200);
  const [stored] = await listPasskeys(database.db, signedUp.userId);
  return { ...signedUp, key, passkeyId: stored?.id ?? "", email };
}

const sessionsOf = (userId: string) =>
  database.db.select().from(session).where(eq(session.userId, userId));

async function ageSessions(userId: string): Promise<void> {
  const then = subMinutes(new Date(), 20);
  await database.db
    .update(session)
    .set({ createdAt: then, passwordAt: then, secondFactorAt: then })
    .where(eq(session.userId, userId));
}

describe("a sign-in with a passkey", () => {
  it("opens a session with a confirmed second factor, without an address or a password", async () => {
    const { auth, userId, key } = await owner("sign-in@example.com");
    const browser = new Browser(auth);
    expect((await signIn(browser, key)).status).toBe(200);
    const [newest] = (await sessionsOf(userId)).toSorted((a, b) => +b.createdAt - +a.createdAt);
    expect(newest?.secondFactorAt).toBeInstanceOf(Date);
    expect(await (await browser.get("/api/auth/get-session")).text()).toContain(userId);
    expect((await listPasskeys(database.db, userId))[0]?.lastUsedAt).toBeInstanceOf(Date);
    const [event] = await listSignInEvents(database.db, { userId, limit: 1 });
    expect(event).toMatchObject({ kind: "passkey", browser: "Chrome", network: "203.0.113.0/24" });
  });

  it("emails the owner about a new device, and makes it known", async () => {
    const { auth, userId, key } = await owner("device@example.com");
    await database.db.update(user).set({ emailVerified: true }).where(eq(user.id, userId));
    const browser = new Browser(auth);
    await signIn(browser, key);
    await signIn(browser, key);
    const templates = (await emailsOf(database.db, userId)).map(({ template }) => template);
    expect(templates.filter((template) => template === "new-sign-in")).toHaveLength(1);
    expect(browser.cookie).toContain("qiflow.known_device");
  });

  it("is refused if the device has not verified the user", async () => {
    const { auth, userId, key } = await owner("touched@example.com");
    key.userVerified = false;
    const response = await signIn(new Browser(auth), key);
    expect(response.status).toBe(403);
    expect(await errorCodeOf(response)).toBe("USER_NOT_VERIFIED");
    expect(await sessionsOf(userId)).toHaveLength(1);
  });

  it("is refused with a replayed response, for another site or with a forged signature", async () => {
    const { auth, userId, key } = await owner("replayed@example.com");
    const browser = new Browser(auth);
    const response = key.get(await challengeOf(browser, "authenticate"));
    const send = (body: object) => browser.post("/passkey/verify-authentication", body);
    expect((await send({ response })).status).toBe(200);
    expect(await errorCodeOf(await send({ response }))).toBe("CHALLENGE_NOT_FOUND");
    await challengeOf(browser, "authenticate");
    expect(await errorCodeOf(await send({ response }))).toBe("AUTHENTICATION_FAILED");
    for (const wrong of [{ origin: "https://evil.example" }, { rpId: "evil.example" }]) {
      const before = { origin: key.origin, rpId: key.rpId };
      Object.assign(key, wrong);
      expect(await errorCodeOf(await signIn(browser, key))).toBe("AUTHENTICATION_FAILED");
      Object.assign(key, before);
    }
    const forged = new Authenticator().get(await challengeOf(browser, "authenticate"));
    const id = key.credentialId;
    const claimed = await send({ response: { ...forged, id, rawId: id } });
    expect(await errorCodeOf(claimed)).toBe("AUTHENTICATION_FAILED");
    expect(await sessionsOf(userId)).toHaveLength(2);
  });

  it("is refused with the challenge of a registration and with a cloned counter", async () => {
    const { auth, browser, key } = await owner("cloned@example.com");
    const response = key.get(await challengeOf(browser, "register"));
    const mixed = await browser.post("/passkey/verify-authentication", { response });
    expect(await errorCodeOf(mixed)).toBe("CHALLENGE_NOT_FOUND");
    key.counter = 5;
    expect((await signIn(new Browser(auth), key)).status).toBe(200);
    expect(await errorCodeOf(await signIn(new Browser(auth), key))).toBe("AUTHENTICATION_FAILED");
  });

  it("opens one session when one response is sent five times at once", async () => {
    const { auth, userId, key } = await owner("parallel@example.com");
    const browser = new Browser(auth);
    const response = key.get(await challengeOf(browser, "authenticate"));
    const send = () => browser.post("/passkey/verify-authentication", { response });
    const sent = await Promise.all([send(), send(), send(), send(), send()]);
    expect(sent.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await sessionsOf(userId)).toHaveLength(2);
  });

  it("is refused to a banned user", async () => {
    const { auth, userId, key } = await owner("banned@example.com");
    await database.db.update(user).set({ banned: true }).where(eq(user.id, userId));
    expect(await errorCodeOf(await signIn(new Browser(auth), key))).toBe("BANNED_USER");
    expect(await sessionsOf(userId)).toHaveLength(1);
  });

  it("of an admin is in the audit log, and so is a refused one", async () => {
    const { auth, userId, key } = await owner("boss@example.com");
    await database.db.update(user).set({ role: "admin" }).where(eq(user.id, userId));
    await signIn(new Browser(auth), key);
    key.userVerified = false;
    await signIn(new Browser(auth), key);
    const rows = await database.db.select().from(auditLog).where(eq(auditLog.actorId, userId));
    expect(rows.map(({ action }) => action).toSorted()).toEqual(["admin.refused", "admin.sign-in"]);
  });
});

describe("a new passkey", () => {
  it("is a second factor, in the log and reported to a verified address without its name", async () => {
    const { browser, userId } = await signUp(database.db, "adder@example.com");
    await database.db.update(user).set({ emailVerified: true }).where(eq(user.id, userId));
    expect(await hasSecondFactor(database.db, userId)).toBe(false);
    expect((await add(browser, new Authenticator(), "Claim at evil.example")).status).toBe(200);
    expect(await hasSecondFactor(database.db, userId)).toBe(true);
    const [event] = await listSignInEvents(database.db, { userId, limit: 1 });
    expect(event).toMatchObject({ kind: "passkey-added", system: "macOS" });
    const emails = await emailsOf(database.db, userId);
    const added = emails.filter(({ template }) => template === "passkey-added");
    expect(added).toHaveLength(1);
    expect(JSON.stringify(added)).not.toContain("evil.example");
    expect((await sessionsOf(userId))[0]?.secondFactorAt).toBeInstanceOf(Date);
  });

  it("is refused if the device has not verified the user", async () => {
    const { browser, userId } = await signUp(database.db, "no-pin@example.com");
    const refused = await add(browser, new Authenticator({ userVerified: false }));
    expect(await errorCodeOf(refused)).toBe("USER_NOT_VERIFIED");
    expect(await listPasskeys(database.db, userId)).toEqual([]);
  });

  it("needs a recent proof: the passkey or code of a user who has one, else a recent sign-in", async () => {
    const { browser, userId, key } = await owner("proof@example.com");
    await ageSessions(userId);
    const ask = () => browser.get("/api/auth/passkey/generate-register-options");
    const send = (password?: string) =>
      browser.post("/passkey/verify-registration", {
        name: "x",
        response: new Authenticator().create({ challenge: "x" }),
        ...(password && { password }),
      });
    expect(await errorCodeOf(await ask())).toBe("PROOF_REQUIRED");
    expect(await errorCodeOf(await send(PASSWORD))).toBe("PROOF_REQUIRED");
    expect((await confirm(browser, key)).status).toBe(200);
    expect((await add(browser)).status).toBe(200);
    const other = await signUp(database.db, "password-only@example.com");
    await ageSessions(other.userId);
    const refused = await other.browser.get("/api/auth/passkey/generate-register-options");
    expect(await errorCodeOf(refused)).toBe("PROOF_REQUIRED");
  });

  it("is refused for another site, with another user's challenge and if it exists", async () => {
    const [first, second] = [await owner("first@example.com"), await owner("second@example.com")];
    const foreign = await add(first.browser, new Authenticator({ origin: "https://evil.example" }));
    expect(foreign.status).toBe(400);
    expect(await errorCodeOf(foreign)).toBe("FAILED_TO_VERIFY_REGISTRATION");
    expect(await errorCodeOf(await add(second.browser, first.key))).toBe("PREVIOUSLY_REGISTERED");
    const challenge = await challengeOf(first.browser, "register");
    const cookie = /qiflow\.passkey_challenge=([^;]+)/.exec(first.browser.cookie)?.[1] ?? "";
    second.browser.setCookie("qiflow.passkey_challenge", cookie);
    const body = { name: "x", response: new Authenticator().create(challenge) };
    const crossed = await second.browser.post("/passkey/verify-registration", body);
    expect(crossed.status).toBe(401);
    expect(await listPasskeys(database.db, second.userId)).toHaveLength(1);
  });

  it("is refused with a malformed response, and nothing is logged as an error", async () => {
    const { browser } = await signUp(database.db, "malformed@example.com");
    const errors: unknown[] = [];
    const log = logger.error;
    logger.error = (...entry: unknown[]) => void errors.push(entry);
    const valid = new Authenticator();
    const mutations = [
      (body: object) => ({ ...body, id: { $ne: null } }),
      (body: object) => ({ ...body, id: undefined }),
      (body: object) => ({ ...body, response: null }),
      (body: object) => ({ ...body, response: { clientDataJSON: "AA", attestationObject: "AA" } }),
      () => "text",
      () => ({}),
    ];
    for (const mutate of mutations) {
      const created = valid.create(await challengeOf(browser, "register"));
      const got = valid.get(await challengeOf(browser, "authenticate"));
      for (const [path, body] of [
        ["verify-registration", { name: "x", response: mutate(created) }],
        ["verify-authentication", { response: mutate(got) }],
        ["confirm", { response: mutate(got) }],
      ] as const) {
        const { status } = await browser.post(`/passkey/${path}`, body);
        expect(status, path).toBeGreaterThanOrEqual(400);
        expect(status, path).toBeLessThan(500);
      }
    }
    logger.error = log;
    expect(errors).toEqual([]);
  });

  it("opens no session and has a name that can be shown", async () => {
    const { browser } = await signUp(database.db, "names@example.com");
    const response = new Authenticator().create(await challengeOf(browser, "register"));
    for (const extra of [{ name: "" }, { name: "\u200b" }, { name: "x".repeat(81) }]) {
      const refused = await browser.post("/passkey/verify-registration", { response, ...extra });
      expect(await errorCodeOf(refused)).toBe("INVALID_NAME");
    }
    const body = { response, name: "x", createSession: true };
    expect((await browser.post("/passkey/verify-registration", body)).status).toBe(400);
  });

  it("is one of at most 20", async () => {
    const { browser, userId } = await owner("collector@example.com");
    for (let n = 1; n < 20; n += 1) {
      const row = { id: `${userId}-${n}`, userId, publicKey: "", credentialID: `${userId}-${n}` };
      const rest = { counter: 0, deviceType: "singleDevice", backedUp: false };
      await database.db.insert(passkey).values({ ...row, ...rest });
    }
    expect(await errorCodeOf(await add(browser))).toBe("TOO_MANY_PASSKEYS");
  });
});

describe("a confirmation with a passkey", () => {
  it("counts for the session and opens no other", async () => {
    const { browser, userId, key } = await owner("confirmer@example.com");
    await ageSessions(userId);
    expect((await confirm(browser, key)).status).toBe(200);
    const [only, ...others] = await sessionsOf(userId);
    expect(others).toEqual([]);
    expect(only?.secondFactorAt?.getTime()).toBeGreaterThan(Date.now() - 60_000);
    const [newest] = await listSignInEvents(database.db, { userId, limit: 1 });
    expect(newest?.kind).toBe("passkey-added");
  });

  it("is refused with another account's passkey, an unverified user and a used response", async () => {
    const [mine, other] = [await owner("mine@example.com"), await owner("other@example.com")];
    await ageSessions(mine.userId);
    expect(await errorCodeOf(await confirm(mine.browser, other.key))).toBe("PASSKEY_NOT_FOUND");
    mine.key.userVerified = false;
    expect(await errorCodeOf(await confirm(mine.browser, mine.key))).toBe("USER_NOT_VERIFIED");
    mine.key.userVerified = true;
    const response = mine.key.get(await challengeOf(mine.browser, "authenticate"));
    const send = () => mine.browser.post("/passkey/confirm", { response });
    const statuses = (await Promise.all([send(), send(), send()])).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([200, 400, 400]);
    const guest = new Browser(mine.auth);
    expect((await confirm(guest, mine.key)).status).toBe(401);
  });
});

describe("removePasskey", () => {
  it("needs a recent second factor, is logged and reported", async () => {
    const { userId, passkeyId } = await owner("remover@example.com");
    await database.db.update(user).set({ emailVerified: true }).where(eq(user.id, userId));
    const remove = (secondFactorAt: Date | null) =>
      removePasskey(database.db, {
        ...DEVICE,
        userId,
        passkeyId,
        session: { ...signedInAt(new Date()), secondFactorAt },
        now: new Date(),
      });
    await expect(remove(null)).rejects.toBeInstanceOf(ProofRequired);
    await expect(remove(subMinutes(new Date(), 16))).rejects.toBeInstanceOf(ProofRequired);
    await remove(new Date());
    expect(await listPasskeys(database.db, userId)).toEqual([]);
    const [event] = await listSignInEvents(database.db, { userId, limit: 1 });
    expect(event).toMatchObject({ kind: "passkey-removed", network: "203.0.113.0/24" });
    const templates = (await emailsOf(database.db, userId)).map(({ template }) => template);
    expect(templates).toContain("passkey-removed");
  });

  it("and renamePasskey leave another user's passkey alone", async () => {
    const [mine, other] = [await owner("keeper@example.com"), await owner("thief@example.com")];
    const theft = { userId: other.userId, passkeyId: mine.passkeyId };
    const session = { ...signedInAt(new Date()), secondFactorAt: new Date() };
    const removal = { ...theft, ...DEVICE, session, now: new Date() };
    await expect(removePasskey(database.db, removal)).rejects.toThrow();
    await expect(renamePasskey(database.db, { ...theft, name: "mine" })).rejects.toThrow();
    await renamePasskey(database.db, { ...theft, userId: mine.userId, name: "Phone" });
    expect((await listPasskeys(database.db, mine.userId))[0]?.name).toBe("Phone");
  });
});

describe("the passkeys and API keys of a squatter", () => {
  it("end when the owner of the address proves it", async () => {
    const squatter = await owner("squatted@example.com");
    const { userId } = squatter;
    const at = { createdAt: new Date() };
    await database.db.insert(apiService).values({ id: "svc_squatter", userId, name: "x", ...at });
    await database.db.insert(apikey).values({
      ...at,
      id: "key",
      configId: "default",
      key: "hash",
      referenceId: "svc_squatter",
      updatedAt: new Date(),
    });
    const link = await linkIn(database.db, { userId: squatter.userId, template: "verify-email" });
    await new Browser(squatter.auth).get(link.href);
    expect(await listPasskeys(database.db, userId)).toEqual([]);
    expect(await database.db.select().from(apikey)).toEqual([]);
    const refused = await signIn(new Browser(squatter.auth), squatter.key);
    expect(await errorCodeOf(refused)).toBe("PASSKEY_NOT_FOUND");
  });

  it("stay when the owner opens the link in the browser that added them", async () => {
    const { browser, userId } = await owner("own-link@example.com");
    await browser.get((await linkIn(database.db, { userId, template: "verify-email" })).href);
    expect(await listPasskeys(database.db, userId)).toHaveLength(1);
  });
});

describe("the limits of the passkey routes", () => {
  it("refuse a network that asks for too many challenges", async () => {
    const auth = createTestAuth(database.db, { rateLimited: true });
    const browser = new Browser(auth, "198.51.100.9");
    const ask = () => browser.get("/api/auth/passkey/generate-authenticate-options");
    const statuses: number[] = [];
    for (let n = 0; n < 101; n += 1) statuses.push((await ask()).status);
    expect(statuses.slice(0, 100)).toEqual(Array(100).fill(200));
    expect(statuses.at(-1)).toBe(429);
  });

  it("keep the routes that bypass our rules closed", async () => {
    const { browser, passkeyId } = await owner("closed@example.com");
    expect((await browser.post("/passkey/delete-passkey", { id: passkeyId })).status).toBe(404);
    const rename = { id: passkeyId, name: "x" };
    expect((await browser.post("/passkey/update-passkey", rename)).status).toBe(404);
    expect((await browser.get("/api/auth/passkey/list-user-passkeys")).status).toBe(404);
  });
});
