import { randomUUID } from "node:crypto";
import { type APIRequestContext, type APIResponse, expect, request, test } from "@playwright/test";
import { z } from "zod";
import { localePath, pathWithoutLocale } from "@/lib/locales";
import {
  ACTIONS,
  type ActionKind,
  type Door,
  INLINE_ACTIONS,
  PAGES,
  ROLES,
  ROUTES,
  type Role,
  type Thing,
} from "../access/table";
import { runningLaptop } from "../setup/running-laptop";
import { builtActions, callAction, findAction } from "./server-actions";
import { LOCALES, type Locale, Visitor } from "./visitor";

/**
 * Walks every page, route and server action as each of four people and expects what the table
 * promises. `tests/access/table.test.ts` sees to it that the table has every one there is.
 */
const PASSWORD = "a sentence nobody guesses";

const people = new Map<Role, APIRequestContext>();
const things = new Map<Thing, string>();

test.beforeAll(async ({ browser }) => {
  const { admin, appUrl } = await runningLaptop();
  // A browser says where a request comes from; what is asked without it is refused for that alone.
  const ours = { baseURL: appUrl, extraHTTPHeaders: { origin: new URL(appUrl).origin } };
  for (const role of ROLES) people.set(role, await request.newContext(ours));
  const customer = new Visitor(await browser.newPage(), "en");
  await customer.signUp();
  await customer.expectBalance(120);
  await customer.buyPack("basic");
  await customer.pay();
  await customer.expectPurchase(220);
  await signIn("user", { email: customer.email, password: customer.password });
  await customer.page.close();
  await signIn("admin", admin);
  things.set("user", await idOf("user"));
  things.set("reading", await makeReading());
  things.set("event", await firstLink("admin", "/admin/events", /\/admin\/events\/(evt_\w+)/));
  things.set("mail", await firstLink("anonymous", "/dev/mail", /\/dev\/mail\/([\w-]+)/));
  things.set("run", await distribute());
  await makeBanned();
});

test.afterAll(async () => {
  for (const context of people.values()) await context.dispose();
});

for (const role of ROLES) {
  for (const locale of LOCALES) {
    test(`every page answers ${role} as the table says (${locale})`, async () => {
      const found: Record<string, string | number> = {};
      for (const [name, door] of Object.entries(PAGES)) {
        const path = localePath(locale, addressOf(door));
        found[name] = whatItSaid(await as(role).get(path, { maxRedirects: 0 }), locale);
      }
      expect(found).toEqual(promisedTo(role, PAGES));
    });
  }

  test(`every route answers ${role} as the table says`, async () => {
    const found: Record<string, string | number> = {};
    for (const [name, door] of Object.entries(ROUTES)) {
      const [method = ""] = name.split(" ");
      const answer = await as(role).fetch(addressOf(door), {
        ...{ method, maxRedirects: 0 },
        ...(door.body && { data: door.body }),
      });
      found[name] = whatItSaid(answer, "en");
    }
    expect(found).toEqual(promisedTo(role, ROUTES));
  });
}

/** What each kind of action says to whom, sent a form that nobody fills in so. */
const PROMISED: Readonly<Record<ActionKind, Readonly<Record<Role, string>>>> = {
  publicAction: { anonymous: "in", user: "in", banned: "in", admin: "in" },
  userAction: { anonymous: "not_signed_in", user: "in", banned: "not_signed_in", admin: "in" },
  adminAction: {
    ...{ anonymous: "not_signed_in", user: "not_allowed" },
    ...{ banned: "not_signed_in", admin: "in" },
  },
};
const KINDS = ["publicAction", "userAction", "adminAction"] as const;

for (const role of ROLES) {
  for (const kind of KINDS) {
    test(`every ${kind} answers ${role} as the table says`, async () => {
      const found: Record<string, string> = {};
      const promised: Record<string, string> = {};
      for (const [file, actions] of Object.entries(ACTIONS)) {
        for (const name of Object.keys(actions).filter((action) => actions[action] === kind)) {
          promised[name] = PROMISED[kind][role];
          found[name] = whatActionSaid(await call(role, `src/app/${file}.ts`, name, {}));
        }
      }
      expect(Object.keys(promised)).not.toEqual([]);
      expect(found).toEqual(promised);
    });
  }
}

test("the build has the actions of the table, and no other", () => {
  const built = builtActions.map(({ filename, exportedName }) =>
    exportedName.startsWith("$$") ? `${filename}, inside` : `${filename} ${exportedName}`,
  );
  const inTable = Object.entries(ACTIONS).flatMap(([file, actions]) =>
    Object.keys(actions).map((name) => `src/app/${file}.ts ${name}`),
  );
  const inside = Object.keys(INLINE_ACTIONS).map((file) => `src/app/${file}, inside`);
  expect(built.sort()).toEqual([...inTable, ...inside].sort());
});

/** One route serves every report; the table has only the first. */
const REPORTS = ["members", "sales", "usage"] as const;

for (const role of ROLES) {
  test(`every report responds to ${role} as the route in the table does`, async () => {
    const promised = ROUTES["GET admin/reports/[report]"]?.answers[role];
    for (const report of REPORTS) {
      const response = await as(role).get(`/api/admin/reports/${report}.csv`);
      expect(response.status(), report).toBe(promised);
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
  test(`${path} answers ${role} that it does not exist`, async () => {
    for (const locale of LOCALES) {
      expect((await as(role).get(localePath(locale, path))).status(), locale).toBe(404);
    }
  });
}

test("whoever is banned cannot sign in again", async () => {
  const answer = await as("banned").post("/api/auth/sign-in/email", {
    data: { email: bannedEmail, password: PASSWORD },
  });
  expect(answer.status()).toBe(403);
});

test("the scheduler comes in with its secret, and with no other", async () => {
  const { cronSecret } = await runningLaptop();
  const ask = (secret: string) =>
    as("anonymous").get("/api/distribute-credits?dryRun=1", {
      headers: { authorization: `Bearer ${secret}` },
    });
  expect((await ask(cronSecret)).status()).toBe(200);
  expect((await ask(`${cronSecret}x`)).status()).toBe(401);
  expect((await ask("")).status()).toBe(401);
});

const bannedEmail = `${randomUUID()}@people.example`;

/** Somebody who is signed in, in the same browser as before, when an admin bans them. */
async function makeBanned(): Promise<void> {
  const signedUp = await as("banned").post("/api/auth/sign-up/email", {
    data: { name: "Banned", email: bannedEmail, password: PASSWORD },
  });
  expect(signedUp.status()).toBe(200);
  const ban = { id: randomUUID(), userId: await idOf("banned"), reason: "a test", banned: true };
  const said = await call(
    "admin",
    "src/app/[locale]/(admin)/admin/users/[id]/actions.ts",
    "setBanned",
    ban,
  );
  expect(said).not.toContain("serverError");
  expect(said).not.toContain("validationErrors");
}

/** As the scheduler does it; answers the run's id. */
async function distribute(): Promise<string> {
  const { cronSecret } = await runningLaptop();
  const headers = { authorization: `Bearer ${cronSecret}` };
  const answer = await as("anonymous").get("/api/distribute-credits", { headers });
  return z.object({ runId: z.string() }).parse(await answer.json()).runId;
}

async function signIn(role: Role, who: { email: string; password: string }): Promise<void> {
  const { email, password } = who;
  const answer = await as(role).post("/api/auth/sign-in/email", { data: { email, password } });
  expect(answer.status()).toBe(200);
}

async function idOf(role: Role): Promise<string> {
  const answer = await as(role).get("/api/auth/get-session");
  return z.object({ user: z.object({ id: z.string() }) }).parse(await answer.json()).user.id;
}

async function makeReading(): Promise<string> {
  const readingId = randomUUID();
  const birth = {
    ...{ name: "林月", gender: "female", calendar: "solar", year: 1990, month: 2, day: 15 },
    ...{ isLeapMonth: false, time: "08:30", place: { kind: "city", cityId: "beijing" } },
    ...{ useTrueSolarTime: true, dayChangesAt: "midnight" },
  };
  const answer = await as("user").post("/api/bazi/readings", { data: { readingId, birth } });
  expect(answer.status()).toBe(201);
  return readingId;
}

async function firstLink(role: Role, page: string, link: RegExp): Promise<string> {
  const [, id] = link.exec(await (await as(role).get(page)).text()) ?? [];
  if (id === undefined) throw new Error(`No ${link.source} on ${page}.`);
  return id;
}

/** Calls an action as a browser does, from a page that has it; answers the raw stream. */
async function call(role: Role, file: string, name: string, input: object): Promise<string> {
  const { id, workers } = findAction(file, name);
  return callAction(as(role), { id, page: pageOf(workers), input });
}

/**
 * Refused, and why; or let in, to be told that the form makes no sense or what came of it. The first
 * row of the stream names the row of the action's own answer, beside those of the page.
 */
function whatActionSaid(said: string): string {
  const [, refusal] = /"code":"(not_signed_in|not_allowed)"/.exec(said) ?? [];
  if (refusal !== undefined) return refusal;
  const [, row = "none"] = /^0:\{"a":"\$@(\w+)"/m.exec(said) ?? [];
  return new RegExp(`^${row}:\\{`, "m").test(said) ? "in" : said.slice(0, 200);
}

/** `app/[locale]/(app)/settings/page` → `/settings`. */
function pageOf(workers: readonly string[]): string {
  const doors = workers.flatMap((worker) => {
    const door = PAGES[worker.replace(/^app\/\[locale\]\/?/, "").replace(/\/?page$/, "")];
    return door === undefined ? [] : [addressOf(door)];
  });
  return doors[0] ?? "/";
}

function as(role: Role): APIRequestContext {
  const context = people.get(role);
  if (context === undefined) throw new Error(`Nobody plays ${role}.`);
  return context;
}

function addressOf({ path }: Door): string {
  return path.replace(/\[(\w+)\]/, (_, name) => {
    const id = [...things].find(([thing]) => thing === name)?.[1];
    if (id === undefined) throw new Error(`There is no ${name} for ${path}.`);
    return encodeURIComponent(id);
  });
}

/** The language must stay the one that was asked in: `/zh/sign-in` is only `/sign-in` in Chinese. */
function whatItSaid(answer: APIResponse, locale: Locale): string | number {
  const location = answer.headers().location;
  if (location !== undefined) {
    const { pathname } = new URL(location, "http://localhost");
    const path = pathWithoutLocale(pathname);
    return localePath(locale, path) === pathname ? `→ ${path}` : `→ ${pathname}`;
  }
  return answer.status();
}

function promisedTo(role: Role, doors: Readonly<Record<string, Door>>) {
  return Object.fromEntries(
    Object.entries(doors).map(([name, { answers }]) => [name, answers[role]]),
  );
}
