import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { user } from "@/db/schema";
import { createLogger } from "@/lib/logger";
import { createTestDatabase, type TestDatabase } from "../support/database";

const EMAIL = "somebody@example.com";

let database: TestDatabase;
let written = "";
const logger = createLogger({
  level: "info",
  destination: {
    write(line) {
      written += line;
    },
  },
});

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.close());

beforeEach(() => {
  written = "";
});

async function failureOf(work: PromiseLike<unknown>): Promise<unknown> {
  return work.then(
    () => expect.unreachable("it did not fail"),
    (error: unknown) => error,
  );
}

async function failedInsert(): Promise<unknown> {
  const person = { id: crypto.randomUUID(), name: "Wáng Xiǎomíng", email: EMAIL };
  await database.db.insert(user).values(person);
  return failureOf(database.db.insert(user).values({ ...person, id: crypto.randomUUID() }));
}

describe("a refused statement in the log", () => {
  test("says what was refused and where, and nothing about the person", async () => {
    const error = await failedInsert();
    // What would have been logged.
    expect(String(error)).toContain(EMAIL);
    logger.error({ err: error, userId: "u1" }, "a route failed");
    logger.error({ unrecorded: error }, "an event failed");
    logger.error(error);
    logger.error({ err: error });
    expect(written.trim().split("\n")).toHaveLength(4);
    expect(written).not.toContain(EMAIL);
    expect(written).not.toContain("Wáng");
    const [line] = written.split("\n");
    expect(JSON.parse(line ?? "")).toMatchObject({
      msg: "a route failed",
      userId: "u1",
      err: {
        type: "Error",
        message: expect.stringMatching(/^Failed query: insert into "user"/),
        stack: expect.stringMatching(/^\s+at /),
        cause: {
          type: "PostgresError",
          code: "23505",
          table_name: "user",
          constraint_name: "user_email_unique",
          message: expect.stringContaining("duplicate key value"),
        },
      },
    });
  });

  test("leaves out a value that Postgres could not read", async () => {
    const error = await failureOf(database.db.execute(sql`select ${EMAIL}::text::integer`));
    expect(String(error instanceof Error ? error.cause : "")).toContain(EMAIL);
    logger.warn({ err: error }, "odd");
    expect(written).not.toContain(EMAIL);
    expect(written).toContain("22P02");
  });
});

describe("any error in the log", () => {
  test("comes with its causes and with those it gathers, however they are linked", () => {
    const inner = new TypeError("inner");
    const looped = new Error("looped", { cause: new AggregateError([inner], "gathers") });
    inner.cause = looped;
    logger.error({ err: looped }, "failed");
    expect(JSON.parse(written).err).toMatchObject({
      message: "looped",
      cause: { message: "gathers", errors: [{ type: "TypeError", message: "inner" }] },
    });
  });

  test("that is no Error is named as such", () => {
    logger.error({ err: { email: EMAIL } }, "failed");
    logger.error({ err: "a sentence" }, "failed");
    expect(written).not.toContain(EMAIL);
    expect(written).toContain('"message":"a sentence"');
  });
});

test("words, figures and ids are logged as they are, secrets are not", () => {
  logger.info("plain words");
  logger.info({ runId: "r1", count: 3, user: { email: EMAIL, password: "p4ss" } }, "done");
  expect(written).toContain('"msg":"plain words"');
  expect(written).toContain('"runId":"r1","count":3');
  expect(written).not.toMatch(/somebody|p4ss/);
});
