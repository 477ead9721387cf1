import { setTimeout as sleep } from "node:timers/promises";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { passkey, session, user } from "@/db/schema";
import { Authenticator } from "../support/authenticator";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { Browser, errorCodeOf, PASSWORD, signUp } from "./auth-fixture";
import { linkIn, resetTokenOf } from "./emails-fixture";

const GATE = 4_711;
const NEW_PASSWORD = "a different good password";

let database: TestDatabase;
/** New sessions and passkeys wait at a lock before they are stored. */
beforeAll(async () => {
  database = await createTestDatabase();
  await database.ownerSql.unsafe(`
    create function wait_at_gate() returns trigger language plpgsql as
      $$ begin perform pg_advisory_xact_lock_shared(${GATE}); return new; end $$;
    create trigger gate before insert on session for each row execute function wait_at_gate();
    create trigger gate before insert on passkey for each row execute function wait_at_gate();`);
});
afterAll(() => database.close());

/** Runs `meanwhile` while the request is about to store what it has checked. */
async function whileStoring(
  send: () => Promise<Response>,
  meanwhile: () => Promise<unknown>,
): Promise<Response> {
  const gate = await database.ownerSql.reserve();
  await gate`select pg_advisory_lock(${GATE})`;
  const sent = send();
  for (let waiting = 0; waiting === 0; await sleep(20)) {
    const [row] = await gate`
      select count(*)::int as waiting from pg_locks
      where locktype = 'advisory' and objid = ${GATE} and not granted`;
    waiting = row?.waiting;
  }
  await meanwhile();
  await gate`select pg_advisory_unlock(${GATE})`;
  gate.release();
  return sent;
}

const sessionsOf = (userId: string) => database.db.$count(session, eq(session.userId, userId));
const passkeysOf = (userId: string) => database.db.$count(passkey, eq(passkey.userId, userId));

async function challengeOf(browser: Browser, kind: "register" | "authenticate") {
  const response = await browser.get(`/api/auth/passkey/generate-${kind}-options`);
  return z.object({ challenge: z.string() }).parse(await response.json());
}

async function addPasskey(browser: Browser, key: Authenticator) {
  const response = key.create(await challengeOf(browser, "register"));
  return browser.post("/passkey/verify-registration", { name: "Key", response });
}

/** A stranger who has signed up with an address, and its owner's proof of it. */
async function squat(email: string) {
  const { auth, browser, userId } = await signUp(database.db, email);
  const prove = async () => {
    const link = await linkIn(database.db, { userId, template: "verify-email" });
    await new Browser(auth).get(link.href);
    const [row] = await database.db.select().from(user).where(eq(user.id, userId));
    expect(row?.emailVerified).toBe(true);
  };
  return { auth, browser, userId, email, prove };
}

async function expectEnded(response: Response) {
  expect(response.status).toBe(401);
  expect(await errorCodeOf(response)).toBe("SESSION_ENDED");
}

describe("a request that is under way when credentials end", () => {
  it("opens no session with a password after the owner's proof of the address", async () => {
    const { auth, userId, email, prove } = await squat("password@example.com");
    const other = new Browser(auth);
    const signIn = () => other.post("/sign-in/email", { email, password: PASSWORD });
    await expectEnded(await whileStoring(signIn, prove));
    expect(await sessionsOf(userId)).toBe(0);
    expect(other.cookie).not.toContain("session_token");
  });

  it("opens no session with a passkey after the proof", async () => {
    const { auth, browser, userId, prove } = await squat("passkey@example.com");
    const key = new Authenticator();
    expect((await addPasskey(browser, key)).status).toBe(200);
    const other = new Browser(auth);
    const response = key.get(await challengeOf(other, "authenticate"));
    const signIn = () => other.post("/passkey/verify-authentication", { response });
    await expectEnded(await whileStoring(signIn, prove));
    expect(await sessionsOf(userId)).toBe(0);
  });

  it("adds no passkey after the proof", async () => {
    const { browser, userId, prove } = await squat("adder@example.com");
    const response = new Authenticator().create(await challengeOf(browser, "register"));
    const add = () => browser.post("/passkey/verify-registration", { name: "Key", response });
    await expectEnded(await whileStoring(add, prove));
    expect(await passkeysOf(userId)).toBe(0);
  });

  it("opens no session with the old password after a reset", async () => {
    const { auth, userId, email, prove } = await squat("reset@example.com");
    await prove();
    const reset = async (newPassword: string) => {
      const browser = new Browser(auth);
      await browser.post("/request-password-reset", { email });
      const token = await resetTokenOf(database.db, email);
      expect((await browser.post("/reset-password", { newPassword, token })).status).toBe(200);
    };
    await reset(PASSWORD);
    const signIn = () => new Browser(auth).post("/sign-in/email", { email, password: PASSWORD });
    await expectEnded(await whileStoring(signIn, () => reset(NEW_PASSWORD)));
    expect(await sessionsOf(userId)).toBe(0);
  });

  it("stays signed in if nothing has ended", async () => {
    const { auth, userId, email } = await squat("calm@example.com");
    const signIn = () => new Browser(auth).post("/sign-in/email", { email, password: PASSWORD });
    expect((await whileStoring(signIn, async () => {})).status).toBe(200);
    expect(await sessionsOf(userId)).toBe(2);
  });
});
