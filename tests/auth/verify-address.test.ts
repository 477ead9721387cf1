import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { requestEmailChange } from "@/accounts/change-email";
import { account, session, twoFactor, user, verification } from "@/db/schema";
import { getBalance } from "@/ledger/reads/balance";
import { createTestDatabase, type TestDatabase } from "../support/database";
import {
  APP_URL,
  Browser,
  createTestAuth,
  findUser,
  PASSWORD,
  SECRET,
  signedInAt,
  signUpInput,
} from "./auth-fixture";
import { linkIn } from "./emails-fixture";

const NEW_PASSWORD = "a different good password";
const github = { clientId: "id", clientSecret: "secret" };

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.close();
});
afterEach(() => vi.unstubAllGlobals());

const createAuth = () =>
  createTestAuth(database.db, { github, adminEmails: ["boss@example.com", "linked@example.com"] });

/** Someone signs up with an address that is not theirs. */
async function squat(email: string) {
  const auth = createAuth();
  const squatter = new Browser(auth);
  const response = await squatter.post("/sign-up/email", signUpInput(email));
  expect(response.status).toBe(200);
  const { id: userId } = await findUser(database.db, email);
  return { auth, squatter, owner: new Browser(auth), email, userId };
}
type Squatted = Awaited<ReturnType<typeof squat>>;

const linkTo = (userId: string, template: "verify-email" | "reset-password") =>
  linkIn(database.db, { userId, template });

const isSignedIn = async (browser: Browser) =>
  (await (await browser.get("/api/auth/get-session")).text()) !== "null";

async function signInStatus({ auth, email }: Squatted, password: string) {
  return (await new Browser(auth).post("/sign-in/email", { email, password })).status;
}

async function expectSquatterOut(squatted: Squatted) {
  expect(await isSignedIn(squatted.squatter)).toBe(false);
  expect(await signInStatus(squatted, PASSWORD)).toBe(401);
  expect(await findUser(database.db, squatted.email)).toMatchObject({ emailVerified: true });
}

/** Signs in with GitHub, whose responses are stubbed: there is no network in the tests. */
async function signInWithGitHub(
  browser: Browser,
  profile: { id: number; email: string; verified: boolean; name?: string },
) {
  const { email, verified } = profile;
  const responses: Readonly<Record<string, object>> = {
    "https://github.com/login/oauth/access_token": { access_token: "t", token_type: "bearer" },
    "https://api.github.com/user": { login: "mei", name: "Mei", ...profile },
    "https://api.github.com/user/emails": [{ email, verified, primary: true }],
  };
  vi.stubGlobal("fetch", (input: string | URL) => {
    const response = responses[input.toString()];
    if (response === undefined) throw new Error(`unexpected request to ${input.toString()}`);
    return Promise.resolve(Response.json(response));
  });
  const start = await browser.post("/sign-in/social", {
    provider: "github",
    callbackURL: "/dashboard",
    errorCallbackURL: "/sign-in",
  });
  const { url } = await start.json();
  const state = new URL(String(url)).searchParams.get("state");
  const response = await browser.get(`/api/auth/callback/github?code=code&state=${state}`);
  return response.headers.get("location");
}

describe("the first verification of an address", () => {
  it("by the link without a session ends the squatter's sessions and password", async () => {
    const squatted = await squat("link@example.com");
    const { owner, userId } = squatted;
    const response = await owner.get((await linkTo(userId, "verify-email")).href);
    await expectSquatterOut(squatted);
    const page = new URL(response.headers.get("location") ?? "", "http://localhost");
    expect(page.pathname).toBe("/reset-password");
    const token = page.searchParams.get("token");
    const set = await owner.post("/reset-password", { newPassword: NEW_PASSWORD, token });
    expect(set.status).toBe(200);
    expect(await signInStatus(squatted, NEW_PASSWORD)).toBe(200);
  });

  it("offers the password again when a mail scanner opened the link first", async () => {
    const squatted = await squat("scanned@example.com");
    const link = (await linkTo(squatted.userId, "verify-email")).href;
    await new Browser(squatted.auth).get(link);
    const second = await squatted.owner.get(link);
    const page = new URL(second.headers.get("location") ?? "", "http://localhost");
    expect(page.pathname).toBe("/reset-password");
    const token = page.searchParams.get("token");
    await squatted.owner.post("/reset-password", { newPassword: NEW_PASSWORD, token });
    const third = await squatted.owner.get(link);
    expect(third.headers.get("location")).toBe("/verify-email?checked=1");
  });

  it("by the link in the browser that signed up keeps that session and the password", async () => {
    const squatted = await squat("same@example.com");
    const { auth, squatter: browser, email, userId } = squatted;
    const other = new Browser(auth);
    await other.post("/sign-in/email", { email, password: PASSWORD });
    const response = await browser.get((await linkTo(userId, "verify-email")).href);
    expect(response.headers.get("location")).toBe("/verify-email?checked=1");
    expect(await isSignedIn(browser)).toBe(true);
    expect(await isSignedIn(other)).toBe(false);
    expect(await signInStatus(squatted, PASSWORD)).toBe(200);
  });

  it("by the link with another account's session ends the squatter's sessions", async () => {
    const squatted = await squat("other@example.com");
    const elsewhere = await squat("elsewhere@example.com");
    await elsewhere.squatter.get((await linkTo(squatted.userId, "verify-email")).href);
    await expectSquatterOut(squatted);
    expect(await isSignedIn(elsewhere.squatter)).toBe(true);
  });

  it("by a reset ends the sessions and unlinks what the squatter linked", async () => {
    const squatted = await squat("reset@example.com");
    const { owner, email, userId } = squatted;
    await database.db.insert(account).values({
      id: crypto.randomUUID(),
      accountId: "the squatter's",
      providerId: "github",
      userId,
    });
    const app = { id: userId, userId, secret: "the squatter's", backupCodes: "" };
    await database.db.insert(twoFactor).values(app);
    await database.db.update(user).set({ twoFactorEnabled: true }).where(eq(user.id, userId));
    await owner.post("/request-password-reset", { email });
    const token = (await linkTo(userId, "reset-password")).searchParams.get("token");
    await owner.post("/reset-password", { newPassword: NEW_PASSWORD, token });
    await expectSquatterOut(squatted);
    expect(await findUser(database.db, email)).toMatchObject({ twoFactorEnabled: false });
    expect(await database.db.select().from(twoFactor)).toEqual([]);
    const left = await database.db.select().from(account).where(eq(account.userId, userId));
    expect(left.map(({ providerId }) => providerId)).toEqual(["credential"]);
    expect(await signInStatus(squatted, NEW_PASSWORD)).toBe(200);
  });

  it("by GitHub links the account and ends the squatter's sessions, password and change of address", async () => {
    const squatted = await squat("linked@example.com");
    await requestEmailChange(database.db, {
      user: { id: squatted.userId, email: squatted.email },
      newEmail: "squatter@example.com",
      password: PASSWORD,
      isCurrentPassword: async () => true,
      session: signedInAt(new Date()),
      appUrl: APP_URL,
      secret: SECRET,
      now: new Date(),
    });
    const profile = { id: 1, email: squatted.email, verified: true };
    expect(await signInWithGitHub(squatted.owner, profile)).toBe("/dashboard");
    await expectSquatterOut(squatted);
    expect(await isSignedIn(squatted.owner)).toBe(true);
    // The link that would move the account to the squatter's mailbox.
    const isOfUser = eq(verification.value, squatted.userId);
    expect(await database.db.select().from(verification).where(isOfUser)).toEqual([]);
    expect(await findUser(database.db, squatted.email)).toMatchObject({
      id: squatted.userId,
      role: "admin",
    });
  });

  it("does not happen when GitHub has not verified the address", async () => {
    const squatted = await squat("unproven@example.com");
    const profile = { id: 2, email: squatted.email, verified: false };
    expect(await signInWithGitHub(squatted.owner, profile)).toContain("error=account_not_linked");
    expect(await isSignedIn(squatted.owner)).toBe(false);
    expect(await isSignedIn(squatted.squatter)).toBe(true);
    expect(await findUser(database.db, squatted.email)).toMatchObject({ emailVerified: false });
  });

  it("ends a squatter's GitHub account when the owner opens the link", async () => {
    const auth = createAuth();
    const [squatter, owner] = [new Browser(auth), new Browser(auth)];
    const profile = { id: 3, email: "github-first@example.com", verified: false };
    expect(await signInWithGitHub(squatter, profile)).toBe("/dashboard");
    const { id: userId } = await findUser(database.db, profile.email);
    await owner.get((await linkTo(userId, "verify-email")).href);
    expect(await isSignedIn(squatter)).toBe(false);
    expect(await signInWithGitHub(squatter, profile)).toContain("error=account_not_linked");
  });

  it("makes no admin of a listed address before its owner sets a password", async () => {
    const { owner, userId, email } = await squat("boss@example.com");
    const response = await owner.get((await linkTo(userId, "verify-email")).href);
    expect((await findUser(database.db, email)).role).toBe("user");
    const page = new URL(response.headers.get("location") ?? "", "http://localhost");
    const token = page.searchParams.get("token");
    await owner.post("/reset-password", { newPassword: NEW_PASSWORD, token });
    expect((await findUser(database.db, email)).role).toBe("admin");
  });
});

describe("the free credits of a disposable address", () => {
  const balanceOf = async (userId: string) => {
    const query = { userId, now: new Date() };
    return (await getBalance(database.db, query)).available;
  };

  it("wait for the link, a reset or GitHub", async () => {
    const [byLink, byReset, byGitHub] = await Promise.all(
      ["link", "reset", "github"].map((name) => squat(`${name}@mailinator.com`)),
    );
    if (!byLink || !byReset || !byGitHub) throw new Error("no users");
    const userIds = [byLink, byReset, byGitHub].map(({ userId }) => userId);
    expect(await Promise.all(userIds.map(balanceOf))).toEqual([0, 0, 0]);
    await byLink.owner.get((await linkTo(byLink.userId, "verify-email")).href);
    await byReset.owner.post("/request-password-reset", { email: byReset.email });
    const token = (await linkTo(byReset.userId, "reset-password")).searchParams.get("token");
    await byReset.owner.post("/reset-password", { newPassword: NEW_PASSWORD, token });
    const profile = { id: 5, email: byGitHub.email, verified: true };
    await signInWithGitHub(byGitHub.owner, profile);
    expect(await Promise.all(userIds.map(balanceOf))).toEqual([120, 120, 120]);
  });
});

describe("a verified account", () => {
  it("keeps its sessions and password when GitHub is linked", async () => {
    const squatted = await squat("verified@example.com");
    await database.db.update(user).set({ emailVerified: true }).where(eq(user.id, squatted.userId));
    const profile = { id: 4, email: squatted.email, verified: true };
    expect(await signInWithGitHub(squatted.owner, profile)).toBe("/dashboard");
    expect(await isSignedIn(squatted.squatter)).toBe(true);
    expect(await signInStatus(squatted, PASSWORD)).toBe(200);
    const rows = await database.db
      .select()
      .from(session)
      .where(eq(session.userId, squatted.userId));
    expect(rows.length).toBeGreaterThan(2);
  });
});
