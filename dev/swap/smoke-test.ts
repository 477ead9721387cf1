import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { SUPPLY_CONSENT_VERSION } from "@/billing/consumer-rights/supply-consent";
import { catalog } from "@/catalog/catalog";
import { listPacks } from "@/catalog/items";
import { findFreePort, portFor } from "../laptop/free-port";

const TIMEOUT_MS = 180_000;
const START_CREDITS = catalog.signUpGift.credits + catalog.freePlan.creditsPerMonth;
const CARD_COST = 5;

/**
 * Starts the build of a checkout with an embedded Postgres and the Stripe simulator. Signs up, buys a
 * pack, makes a card twice with one id, on the site and through the API, and checks balance, pages and
 * ledger over HTTP.
 * @throws AssertionError if a response is not as expected
 */
export async function smokeTest(tree: string): Promise<void> {
  const site = await startSite(tree);
  try {
    const visitor = new Visitor(site.url, await readActions(tree));
    await visitor.signUp();
    assert.equal(await visitor.balance(), START_CREDITS);
    const [pack] = listPacks();
    assert.ok(pack, "The catalogue has a pack.");
    await visitor.buy(pack.id);
    assert.equal(await visitor.balance(), START_CREDITS + pack.credits);

    const recipient = `Grandmother ${randomUUID()}`;
    const card = { id: randomUUID(), recipient };
    for (const created of [true, false]) {
      const result = await visitor.call("createCardAction", { page: "/cards", input: card });
      assert.match(result, new RegExp(`"created":${created}`));
    }
    assert.equal(await visitor.balance(), START_CREDITS + pack.credits - CARD_COST);
    const key = await visitor.createKey();
    for (const replayed of [false, true]) {
      const made = await callApi(site.url, { key, path: "/cards", body: { recipient } });
      assert.equal(made.replayed, replayed);
    }
    assert.equal(await visitor.balance(), START_CREDITS + pack.credits - 2 * CARD_COST);
    for (const page of ["/cards", "/zh/cards"]) {
      assert.ok((await visitor.read(page)).includes(recipient), `${page} shows the card`);
    }
    assert.match(await visitor.read("/credits"), /Greeting card/);
    assert.match(await visitor.read("/zh/credits"), /贺卡/);
    assert.match(await visitor.read("/"), /A card in a minute\./);
  } finally {
    await site.stop();
  }
}

async function startSite(tree: string): Promise<{ url: string; stop(): Promise<void> }> {
  const port = await findFreePort(portFor(tree));
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "dev/start.ts", "--production", "--embedded", "--throwaway"],
    {
      cwd: tree,
      stdio: ["ignore", "inherit", "inherit"],
      env: {
        ...process.env,
        PORT: String(port),
        QIFLOW_DATA_DIR: path.join(tree, ".data"),
        LOG_LEVEL: "warn",
        // An empty value counts as not set and wins over .env.
        DATABASE_URL: "",
        STRIPE_SECRET_KEY: "",
        RESEND_API_KEY: "",
        APP_URL: "",
        ADMIN_EMAILS: "",
        HOST: "",
      },
    },
  );
  const ended = once(child, "exit");
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  const url = `http://localhost:${port}`;
  const deadline = Date.now() + TIMEOUT_MS;
  while (!(await isHealthy(url))) {
    if (child.exitCode !== null) throw new Error("The site did not start; see above.");
    if (Date.now() > deadline) {
      await stop();
      throw new Error(`The site does not respond at ${url}.`);
    }
    await sleep(500);
  }
  return { url, stop };
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/api/health`, { signal: AbortSignal.timeout(5_000) })).ok;
  } catch {
    return false;
  }
}

/** Posts to the API, always with the same idempotency key. */
async function callApi(
  url: string,
  { key, path: below, body }: { key: string; path: string; body: object },
): Promise<{ replayed: boolean }> {
  const response = await fetch(`${url}/api/v1${below}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "idempotency-key": "smoke-test" },
    body: JSON.stringify(body),
  });
  return z.object({ replayed: z.boolean() }).parse(await response.json());
}

/** The ids of the server actions in the build, by their exported names. */
async function readActions(tree: string): Promise<ReadonlyMap<string, string>> {
  const file = path.join(tree, ".next/server/server-reference-manifest.json");
  const manifest = z
    .object({ node: z.record(z.string(), z.object({ exportedName: z.string() })) })
    .parse(JSON.parse(await readFile(file, "utf8")));
  return new Map(Object.entries(manifest.node).map(([id, action]) => [action.exportedName, id]));
}

/** A person who uses the site through HTTP requests, as a browser sends them. */
class Visitor {
  readonly #cookies = new Map<string, string>();
  #userId: string | null = null;

  constructor(
    readonly url: string,
    readonly actions: ReadonlyMap<string, string>,
  ) {}

  async signUp(): Promise<void> {
    const response = await this.#send("/api/auth/sign-up/email", {
      name: "Mei",
      email: `${randomUUID()}@people.example`,
      password: "a sentence nobody guesses",
    });
    const { user } = z.object({ user: z.object({ id: z.string() }) }).parse(await response.json());
    this.#userId = user.id;
  }

  async balance(): Promise<number> {
    const response = await this.#fetch("/api/credits/balance");
    return z.object({ available: z.number() }).parse(await response.json()).available;
  }

  /** Buys an item on the simulator's payment page and waits until its credits are granted. */
  async buy(item: string): Promise<void> {
    const result = await this.call("startCheckout", {
      page: "/pricing",
      input: { item, consent: SUPPLY_CONSENT_VERSION },
    });
    const [payPage] = /https?:\/\/[^"\\]+/.exec(result) ?? [];
    assert.ok(payPage, `The checkout was not opened: ${result}`);
    const paid = await fetch(payPage, {
      method: "POST",
      body: new URLSearchParams({ how: "card" }),
      redirect: "manual",
    });
    const query = new URL(paid.headers.get("location") ?? "", this.url).search;
    const deadline = Date.now() + TIMEOUT_MS;
    for (;;) {
      const response = await this.#fetch(`/api/checkout-status${query}`);
      const { status } = z.object({ status: z.string() }).parse(await response.json());
      if (status === "granted") return;
      assert.ok(Date.now() < deadline, `The checkout is still ${status}.`);
      await sleep(500);
    }
  }

  /** Creates an API key that may read and spend. */
  async createKey(): Promise<string> {
    const result = await this.call("createMyApiKey", {
      page: "/settings/api-keys",
      input: { name: "Smoke test", scopes: ["read", "spend"], expiresInDays: 1, cap: null },
    });
    const [key] = /qf_[A-Za-z]{64}/.exec(result) ?? [];
    assert.ok(key, `The key was not created: ${result}`);
    return key;
  }

  /** Calls a server action. Returns the raw stream. */
  async call(name: string, { page, input }: { page: string; input: object }): Promise<string> {
    const id = this.actions.get(name);
    assert.ok(id, `The build has the action ${name}.`);
    const response = await this.#fetch(page, {
      method: "POST",
      headers: {
        "next-action": id,
        "content-type": "text/plain;charset=UTF-8",
        accept: "text/x-component",
      },
      body: JSON.stringify([this.#userId, input]),
    });
    return response.text();
  }

  async read(page: string): Promise<string> {
    const response = await this.#fetch(page);
    assert.equal(response.status, 200, page);
    return response.text();
  }

  #send(page: string, body: object): Promise<Response> {
    return this.#fetch(page, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  }

  async #fetch(page: string, request: RequestInit = {}): Promise<Response> {
    const headers = new Headers(request.headers);
    headers.set("origin", this.url);
    headers.set("cookie", [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    const response = await fetch(this.url + page, { ...request, headers, redirect: "manual" });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      // The language follows the path of each request.
      if (name !== undefined && value !== undefined && name !== "NEXT_LOCALE") {
        this.#cookies.set(name, value);
      }
    }
    return response;
  }
}
