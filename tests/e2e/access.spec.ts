import { randomUUID } from "node:crypto";
import { type APIRequestContext, type APIResponse, expect, request, test } from "@playwright/test";
import { z } from "zod";
import { localePath, pathWithoutLocale } from "@/lib/locales";
import { BIRTH } from "../access/samples";
import {
  ACTIONS,
  type ActionKind,
  type Entry,
  INLINE_ACTIONS,
  PAGES,
  ROLES,
  ROUTES,
  type Role,
  type Subject,
} from "../access/table";
import { findRunningApp } from "../setup/running-app";
import { builtActions, callAction, findAction } from "./server-actions";
import { BAZI_ACTIONS, LOCALES, type Locale, Visitor } from "./visitor";

/**
 * Requests every page, route and server action in every role and compares the responses with the
 * access table. `tests/access/table.test.ts` checks that the table is complete.
 */
const PASSWORD = "a sentence nobody guesses";

const contexts = new Map<Role, APIRequestContext>();
const ids = new Map<Subject, string>();

test.beforeAll(async ({ browser }) => {
  const { admin, appUrl } = await findRunningApp();
  // Browsers send an Origin header. Requests without it would be rejected for that reason alone.
  const options = { baseURL: appUrl, extraHTTPHeaders: { origin: new URL(appUrl).origin } };
  for (const role of ROLES) contexts.set(role, await request.newContext(options));
  const customer = new Visitor(await browser.newPage(), "en");
  await customer.signUp();
  await customer.expectBalance(120);
  await customer.buyPack("basic");
  await customer.pay();
  await customer.expectPurchase(220);
  await signIn("user", { email: customer.email, password: customer.password });
  await customer.page.close();
  await signIn("admin", admin);
  ids.set("user", await idOf("user"));
  ids.set("reading", await createReading());
  ids.set("event", await firstLink("admin", "/admin/events", /\/admin\/events\/(evt_\w+)/));
  ids.set("mail", await firstLink("anonymous", "/dev/mail", /\/dev\/mail\/([\w-]+)/));
  ids.set("run", await distribute());
  await createBannedUser();
});

test.afterAll(async () => {
  for (const context of contexts.values()) await context.dispose();
});

for (const role of ROLES) {
  for (const locale of LOCALES) {
    test(`every page responds to the role ${role} as the table says (${locale})`, async () => {
      const found: Record<string, string | number> = {};
      for (const [name, entry] of Object.entries(PAGES)) {
        const path = localePath(locale, urlOf(entry));
        found[name] = outcomeOf(await as(role).get(path, { maxRedirects: 0 }), locale);
      }
      expect(found).toEqual(expectedFor(role, PAGES));
    });
  }

  test(`every route responds to the role ${role} as the table says`, async () => {
    const found: Record<string, string | number> = {};
    for (const [name, entry] of Object.entries(ROUTES)) {
      const [method = ""] = name.split(" ");
      const response = await as(role).fetch(urlOf(entry), {
        method,
        maxRedirects: 0,
        ...(entry.body && { data: entry.body }),
      });
      found[name] = outcomeOf(response, "en");
    }
    expect(found).toEqual(expectedFor(role, ROUTES));
  });
}

/** How each kind of action responds to each role for invalid input. */
const EXPECTED: Readonly<Record<ActionKind, Readonly<Record<Role, string>>>> = {
  publicAction: { anonymous: "accepted", user: "accepted", banned: "accepted", admin: "accepted" },
  userAction: {
    anonymous: "not_signed_in",
    user: "accepted",
    banned: "not_signed_in",
    admin: "accepted",
  },
  adminAction: {
    anonymous: "not_signed_in",
    user: "not_allowed",
    banned: "not_signed_in",
    admin: "accepted",
  },
  // The admin of the embedded mode has no second factor, so none is asked for.
  sensitiveAdminAction: {
    anonymous: "not_signed_in",
    user: "not_allowed",
    banned: "not_signed_in",
    admin: "accepted",
  },
};
const KINDS = ["publicAction", "userAction", "adminAction", "sensitiveAdminAction"] as const;

for (const role of ROLES) {
  for (const kind of KINDS) {
    test(`every ${kind} responds to the role ${role} as the table says`, async () => {
      const found: Record<string, string> = {};
      const expected: Record<string, string> = {};
      for (const [file, actions] of Object.entries(ACTIONS)) {
        for (const name of Object.keys(actions).filter((action) => actions[action] === kind)) {
          expected[name] = EXPECTED[kind][role];
          found[name] = actionOutcomeOf(await call(role, `src/${file}.ts`, name, { input: {} }));
        }
      }
      expect(Object.keys(expected)).not.toEqual([]);
      expect(found).toEqual(expected);
    });
  }
}

test("every signed-in action is refused on a page that was rendered for someone else", async () => {
  const renderedFor = ids.get("user");
  for (const [file, actions] of Object.entries(ACTIONS)) {
    for (const name of Object.keys(actions).filter((one) => actions[one] !== "publicAction")) {
      const options = { input: {}, renderedFor: renderedFor ?? "" };
      const stream = await call("admin", `src/${file}.ts`, name, options);
      expect(stream, name).toContain('"code":"signed_in_as_another"');
    }
  }
  const headers = { "x-rendered-for": renderedFor ?? "" };
  const claim = await as("admin").post("/api/credits/daily-signin", { headers });
  expect(claim.status()).toBe(409);
});

test("the build has exactly the actions of the table", () => {
  const built = builtActions.map(({ filename, exportedName }) =>
    exportedName.startsWith("$$") ? `${filename}, inside` : `${filename} ${exportedName}`,
  );
  const inTable = Object.entries(ACTIONS).flatMap(([file, actions]) =>
    Object.keys(actions).map((name) => `src/${file}.ts ${name}`),
  );
  const inside = Object.keys(INLINE_ACTIONS).map((file) => `src/${file}, inside`);
  expect(built.sort()).toEqual([...inTable, ...inside].sort());
});

/** One route serves every report; the table has only the first. */
const REPORTS = ["members", "sales", "usage"] as const;

for (const role of ROLES) {
  test(`every report responds to the role ${role} as its route in the table says`, async () => {
    const status = ROUTES["GET admin/reports/[report]"]?.expected[role];
    for (const report of REPORTS) {
      const response = await as(role).get(`/api/admin/reports/${report}.csv`);
      expect(response.status(), report).toBe(status);
    }
  });
}

const missing = [
  ["user", "/bazi/00000000-0000-4000-8000-000000000000"],
  ["user", "/bazi/nonsense"],
  ["admin", "/admin/users/nobody"],
  ["admin", "/admin/events/evt_none"],
  ["admin", "/admin/nothing"],
  ["admin", "/api/admin/reports/nothing.csv"],
] as const;

for (const [role, path] of missing) {
  test(`${path} returns 404 to the role ${role}`, async () => {
    for (const locale of LOCALES) {
      expect((await as(role).get(localePath(locale, path))).status(), locale).toBe(404);
    }
  });
}

test("a banned user cannot sign in", async () => {
  const response = await as("banned").post("/api/auth/sign-in/email", {
    data: { email: bannedEmail, password: PASSWORD },
  });
  expect(response.status()).toBe(403);
});

test("the distribution route accepts the scheduler's secret only", async () => {
  const { cronSecret } = await findRunningApp();
  const preview = (secret: string) =>
    as("anonymous").get("/api/distribute-credits?dryRun=1", {
      headers: { authorization: `Bearer ${secret}` },
    });
  expect((await preview(cronSecret)).status()).toBe(200);
  expect((await preview(`${cronSecret}x`)).status()).toBe(401);
  expect((await preview("")).status()).toBe(401);
});

const bannedEmail = `${randomUUID()}@people.example`;

/** Signs a user up and has an admin ban them while they are signed in. */
async function createBannedUser(): Promise<void> {
  const signedUp = await as("banned").post("/api/auth/sign-up/email", {
    data: { name: "Banned", email: bannedEmail, password: PASSWORD },
  });
  expect(signedUp.status()).toBe(200);
  const ban = { id: randomUUID(), userId: await idOf("banned"), reason: "a test", banned: true };
  const stream = await call(
    "admin",
    "src/app/[locale]/(admin)/admin/users/[id]/actions.ts",
    "setBanned",
    { input: ban },
  );
  expect(stream).not.toContain("serverError");
  expect(stream).not.toContain("validationErrors");
}

/** Runs the distribution as the scheduler does. Returns the run's id. */
async function distribute(): Promise<string> {
  const { cronSecret } = await findRunningApp();
  const headers = { authorization: `Bearer ${cronSecret}` };
  const response = await as("anonymous").get("/api/distribute-credits", { headers });
  return z.object({ runId: z.string() }).parse(await response.json()).runId;
}

async function signIn(role: Role, who: { email: string; password: string }): Promise<void> {
  const { email, password } = who;
  const response = await as(role).post("/api/auth/sign-in/email", { data: { email, password } });
  expect(response.status()).toBe(200);
}

async function idOf(role: Role): Promise<string> {
  const response = await as(role).get("/api/auth/get-session");
  return z.object({ user: z.object({ id: z.string() }) }).parse(await response.json()).user.id;
}

async function createReading(): Promise<string> {
  const readingId = randomUUID();
  const input = { readingId, birth: BIRTH };
  const stream = await call("user", BAZI_ACTIONS, "createReadingAction", { input });
  expect(stream).toContain('"status":"stored"');
  return readingId;
}

async function firstLink(role: Role, page: string, link: RegExp): Promise<string> {
  const [, id] = link.exec(await (await as(role).get(page)).text()) ?? [];
  if (id === undefined) throw new Error(`No ${link.source} on ${page}.`);
  return id;
}

/** Calls an action as a browser does, from a page that includes it. Returns the raw stream. */
async function call(
  role: Role,
  file: string,
  name: string,
  options: { input: object; renderedFor?: string },
): Promise<string> {
  const { id, workers } = findAction(file, name);
  return callAction(as(role), { id, page: pageOf(workers), ...options });
}

/**
 * Returns the error code of a rejected caller, or `accepted` for any result of the action itself,
 * validation errors included. The first row of the stream names the row of the action's result.
 */
function actionOutcomeOf(stream: string): string {
  const [, refusal] = /"code":"(not_signed_in|not_allowed)"/.exec(stream) ?? [];
  if (refusal !== undefined) return refusal;
  const [, row = "none"] = /^0:\{"a":"\$@(\w+)"/m.exec(stream) ?? [];
  return new RegExp(`^${row}:\\{`, "m").test(stream) ? "accepted" : stream.slice(0, 200);
}

/** `app/[locale]/(app)/settings/page` → `/settings`. */
function pageOf(workers: readonly string[]): string {
  const urls = workers.flatMap((worker) => {
    const entry = PAGES[worker.replace(/^app\/\[locale\]\/?/, "").replace(/\/?page$/, "")];
    return entry === undefined ? [] : [urlOf(entry)];
  });
  return urls[0] ?? "/";
}

function as(role: Role): APIRequestContext {
  const context = contexts.get(role);
  if (context === undefined) throw new Error(`No request context for the role ${role}.`);
  return context;
}

function urlOf({ path }: Entry): string {
  return path.replace(/\[(\w+)\]/, (_, name) => {
    const id = [...ids].find(([kind]) => kind === name)?.[1];
    if (id === undefined) throw new Error(`No ${name} was created for ${path}.`);
    return encodeURIComponent(id);
  });
}

/** Returns the status or the redirect. `/zh/sign-in` counts as `/sign-in` for a Chinese request only. */
function outcomeOf(response: APIResponse, locale: Locale): string | number {
  const location = response.headers().location;
  if (location !== undefined) {
    const { pathname } = new URL(location, "http://localhost");
    const path = pathWithoutLocale(pathname);
    return localePath(locale, path) === pathname ? `→ ${path}` : `→ ${pathname}`;
  }
  return response.status();
}

function expectedFor(role: Role, entries: Readonly<Record<string, Entry>>) {
  return Object.fromEntries(
    Object.entries(entries).map(([name, { expected }]) => [name, expected[role]]),
  );
}
