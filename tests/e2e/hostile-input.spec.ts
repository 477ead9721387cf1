import { randomUUID } from "node:crypto";
import { request as httpRequest } from "node:http";
import { type APIRequestContext, expect, test } from "@playwright/test";
import {
  ACTION_INPUTS,
  AUTH_INPUTS,
  HOSTILE_VALUES,
  PROTOTYPE_NAMES,
  QUERY_FIELDS,
  replaceEachText,
} from "../access/samples";
import { ACTIONS, PAGES, ROUTES } from "../access/table";
import { findRunningApp } from "../setup/running-app";
import { followErrors } from "../setup/site-log";
import { callAction, findAction } from "./server-actions";

/**
 * Sends every text field of every page, action and route what it can't be: the response is a refusal with
 * a sentence, never a server error, and nothing is logged as an error.
 */
let origin = "";
let user: APIRequestContext;
let admin: APIRequestContext;
let newErrors: () => string[] = () => [];

test.beforeAll(async ({ playwright }) => {
  const app = await findRunningApp();
  origin = new URL(app.appUrl).origin;
  const options = { baseURL: app.appUrl, extraHTTPHeaders: { origin } };
  user = await playwright.request.newContext(options);
  admin = await playwright.request.newContext(options);
  const password = "a sentence nobody guesses";
  const person = { name: "Mei Lin", email: `${randomUUID()}@people.example`, password };
  expect((await user.post("/api/auth/sign-up/email", { data: person })).status()).toBe(200);
  expect((await admin.post("/api/auth/sign-in/email", { data: app.admin })).status()).toBe(200);
});

test.beforeEach(() => {
  newErrors = followErrors(process.env.QIFLOW_E2E_DATA_DIR ?? "");
});

test.afterEach(() => {
  expect(newErrors()).toEqual([]);
});

test.afterAll(async () => {
  await user.dispose();
  await admin.dispose();
});

const actions = Object.entries(ACTIONS).flatMap(([file, kinds]) =>
  Object.entries(kinds).map(([name, kind]) => ({ file: `src/${file}.ts`, name, kind })),
);

for (const [what, hostile] of HOSTILE_VALUES) {
  test(`every text of every action refuses ${what}`, async () => {
    for (const { file, name, kind } of actions) {
      const caller = kind === "adminAction" ? admin : user;
      const { id, workers } = findAction(file, name);
      const page = pageOf(workers);
      for (const { path, input } of replaceEachText(ACTION_INPUTS[name] ?? {}, hostile)) {
        const stream = await callAction(caller, { id, page, input });
        expect(refusalIn(stream), `${name} ${path}: ${stream.slice(0, 300)}`).not.toBe("none");
      }
    }
  });

  test(`every text of every auth route refuses ${what}`, async () => {
    for (const [route, valid] of Object.entries(AUTH_INPUTS)) {
      for (const { path, input } of replaceEachText(valid, hostile)) {
        const response = await user.post(`/api/auth/${route}`, { data: input });
        const place = `${route} ${path}: ${response.status()}`;
        expect(response.status(), place).toBeGreaterThanOrEqual(400);
        expect(response.status(), place).toBeLessThan(500);
        expect(await response.text(), place).toMatch(/"message":"[^"]+/);
      }
    }
  });

  test(`no query, id or header of a route fails on ${what}`, async () => {
    const encoded = encodeForUrl(hostile);
    const query = QUERY_FIELDS.map((field) => `${field}=${encoded}`).join("&");
    for (const [name, { path, body }] of Object.entries(ROUTES)) {
      const [method = ""] = name.split(" ");
      const [address = ""] = path.split("?");
      for (const url of [`${address}?${query}`, address.replace(/\[\w+\]/, encoded)]) {
        const caller = path.startsWith("/api/admin/") ? admin : user;
        const response = await caller.fetch(url, {
          method,
          maxRedirects: 0,
          headers: { "x-rendered-for": encoded },
          ...(body && { data: body }),
        });
        expect(response.status(), `${name} ${url.slice(0, 200)}`).toBeLessThan(500);
      }
    }
  });
}

test("no query or id of a page fails on any of them", async () => {
  const encoded = HOSTILE_VALUES.map(([, hostile]) => encodeForUrl(hostile));
  for (const [number, { path }] of Object.values(PAGES).entries()) {
    const [address = ""] = path.split("?");
    // Over all pages each field gets each value.
    const query = QUERY_FIELDS.map(
      (field, index) => `${field}=${encoded[(index + number) % encoded.length]}`,
    );
    const ids = /\[\w+\]/.test(address) ? encoded : [];
    for (const url of [
      `${address.replace(/\[\w+\]/, "none")}?${query.join("&")}`,
      ...ids.map((id) => address.replace(/\[\w+\]/, id)),
    ]) {
      const response = await admin.get(url, { maxRedirects: 0 });
      expect(response.status(), url.slice(0, 200)).toBeLessThan(500);
    }
  }
});

test("no text of an action or auth route fails on the name of a property of every object", async () => {
  for (const property of PROTOTYPE_NAMES) {
    for (const { file, name, kind } of actions) {
      const { id, workers } = findAction(file, name);
      for (const { path, input } of replaceEachText(ACTION_INPUTS[name] ?? {}, property)) {
        const caller = kind === "adminAction" ? admin : user;
        const stream = await callAction(caller, { id, page: pageOf(workers), input });
        expect(isServerError(stream), `${name} ${path}: ${stream.slice(0, 300)}`).toBe(false);
      }
    }
    for (const [route, valid] of Object.entries(AUTH_INPUTS)) {
      for (const { path, input } of replaceEachText(valid, property)) {
        const response = await user.post(`/api/auth/${route}`, { data: input });
        expect(response.status(), `${route} ${path}`).toBeLessThan(500);
      }
    }
  }
});

test("an action refuses a body above 1 MB, whether or not its length is declared", async () => {
  const { id, workers } = findAction("src/app/[locale]/(app)/settings/actions.ts", "saveSettings");
  const path = pageOf(workers);
  const headers = { "next-action": id, "content-type": "text/plain;charset=UTF-8" };
  const body = JSON.stringify([null, { name: "x".repeat(1024 * 1024) }]);
  expect((await user.post(path, { headers, data: body })).status()).toBe(413);
  const chunked = await send({ path, method: "POST", headers: { ...headers, origin } }, body);
  expect(chunked).toEqual({ status: 413, text: "This request is larger than 1 MB." });
  // A body within the limit reaches the action.
  const short = JSON.stringify([null, { name: "x".repeat(1000) }]);
  expect(
    (await send({ path, method: "POST", headers: { ...headers, origin } }, short)).status,
  ).toBe(200);
});

test("a route refuses a body above 1 MB whose length is not declared", async () => {
  for (const [name, { path }] of Object.entries(ROUTES)) {
    const [method = "", folder = ""] = name.split(" ");
    if (method === "GET") continue;
    // Without the header, Node sends the body of a DELETE without a length or chunks.
    const headers = { origin, "transfer-encoding": "chunked" };
    const sent = { path: path.replace(/\[\w+\]/, "none"), method, headers };
    const { status = 0 } = await send(sent, "x".repeat(1024 * 1024 + 1));
    expect(status, folder).toBeGreaterThanOrEqual(400);
    expect(status, folder).toBeLessThan(500);
  }
});

test("a malformed path or router header is refused with a sentence", async () => {
  const malformed = "The address or a header of this request is malformed.";
  for (const path of ["/%ff", "/zh/%ff", "/api/%ff", "/%ff.txt", "/_next/static/%ff", "/a%00"]) {
    expect(await send({ path }), path).toEqual({ status: 400, text: malformed });
  }
  for (const state of ["garbage", "%5B1%2C2%5D", "%ff", "a".repeat(10_000)]) {
    for (const path of ["/pricing", "/sign-in", "/missing.txt", "/api/viewer"]) {
      const headers = { rsc: "1", "next-router-state-tree": state };
      expect(await send({ path, headers }), path).toEqual({ status: 400, text: malformed });
    }
  }
});

test("a page that changes something refuses a foreign origin", async () => {
  for (const foreign of ["https://evil.example", "garbage"]) {
    for (const headers of [{ "next-action": "40".padEnd(42, "a") }, {}]) {
      const sent = { method: "POST", path: "/sign-in", headers: { ...headers, origin: foreign } };
      expect((await send(sent)).status).toBe(403);
    }
  }
});

test("the embedded mode refuses every host but this machine", async () => {
  for (const path of ["/", "/dev/mail", "/zh/dev/mail", "/api/dev/clock", "/robots.txt"]) {
    expect(await send({ path, headers: { host: "evil.example" } }), path).toEqual({
      status: 403,
      text: "This server only accepts requests from its own machine.",
    });
  }
});

test("a path with an extension has the security headers of a page", async () => {
  const headersOf = async (path: string) => {
    const headers = (await user.get(path)).headers();
    return [
      "content-security-policy",
      "x-content-type-options",
      "x-frame-options",
      "referrer-policy",
      "permissions-policy",
      "cross-origin-opener-policy",
    ].filter((name) => headers[name] !== undefined);
  };
  const ofPage = await headersOf("/sign-in");
  expect(ofPage).toHaveLength(6);
  for (const path of ["/missing.txt", "/robots.txt", "/icon.svg", "/theme.js"]) {
    expect(await headersOf(path), path).toEqual(ofPage);
  }
});

function isServerError(stream: string): boolean {
  return /"code":"unexpected"|E\{"digest"|Internal Server Error/.test(stream);
}

/** Which refusal a stream of an action holds. `none` for a success and for a server error. */
function refusalIn(stream: string): string {
  if (isServerError(stream)) return "none";
  return /validationErrors|serverError|"status":"invalid"/.exec(stream)?.[0] ?? "none";
}

/** A page that includes the action, of rows that need not exist. */
function pageOf(workers: readonly string[]): string {
  const paths = workers.flatMap((worker) => {
    const page = PAGES[worker.replace(/^app\/\[locale\]\/?/, "").replace(/\/?page$/, "")];
    return page === undefined ? [] : [page.path.replace(/\[\w+\]/, "none")];
  });
  return paths[0] ?? "/";
}

/** The text in a URL. A lone surrogate is sent as the bytes that a lenient encoder makes of it. */
function encodeForUrl(hostile: unknown): string {
  const text = (typeof hostile === "string" ? hostile : JSON.stringify(hostile)).slice(0, 2000);
  return encodeURIComponent(text.replace(/\p{Cs}/gu, "\ufffd")).replaceAll(
    "%EF%BF%BD",
    "%ED%A0%80",
  );
}

/**
 * Sends what `fetch` would correct or refuse: malformed paths, Host headers of our choice, and a body in
 * chunks without its length.
 */
async function send(
  sent: { path: string; method?: string; headers?: Record<string, string> },
  body?: string,
) {
  const { hostname, port } = new URL(origin);
  return new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const outgoing = httpRequest({ hostname, port, ...sent }, (incoming) => {
      let text = "";
      incoming.setEncoding("utf8").on("data", (part) => {
        text += part;
      });
      incoming.on("end", () => resolve({ status: incoming.statusCode, text }));
    });
    outgoing.on("error", reject);
    if (body !== undefined) outgoing.write(body);
    outgoing.end();
  });
}
