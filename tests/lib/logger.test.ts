import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { user } from "@/db/schema";
import { createLogger } from "@/lib/logger";
import { createTestDatabase, type TestDatabase } from "../support/database";

const EMAIL = "somebody@example.com";

let database: TestDatabase;
let output = "";
const logger = createLogger({
  level: "info",
  destination: {
    write(line) {
      output += line;
    },
  },
});

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.close());

beforeEach(() => {
  output = "";
});

async function failureOf(work: PromiseLike<unknown>): Promise<unknown> {
  return work.then(
    () => expect.unreachable("The work did not fail."),
    (error: unknown) => error,
  );
}

async function failedInsert(): Promise<unknown> {
  const person = { id: crypto.randomUUID(), name: "Wáng Xiǎomíng", email: EMAIL };
  await database.db.insert(user).values(person);
  return failureOf(database.db.insert(user).values({ ...person, id: crypto.randomUUID() }));
}

describe("logger with a database error", () => {
  it("logs the statement, the constraint and the stack without personal data", async () => {
    const error = await failedInsert();
    // Without the description, the log would contain this.
    expect(String(error)).toContain(EMAIL);
    logger.error({ err: error, userId: "u1" }, "a route failed");
    logger.error({ unrecorded: error }, "an event failed");
    logger.error(error);
    logger.error({ err: error });
    expect(output.trim().split("\n")).toHaveLength(4);
    expect(output).not.toContain(EMAIL);
    expect(output).not.toContain("Wáng");
    const [line] = output.split("\n");
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

  it("omits a value that Postgres cannot parse", async () => {
    const error = await failureOf(database.db.execute(sql`select ${EMAIL}::text::integer`));
    expect(String(error instanceof Error ? error.cause : "")).toContain(EMAIL);
    logger.warn({ err: error }, "odd");
    expect(output).not.toContain(EMAIL);
    expect(output).toContain("22P02");
  });
});

describe("logger with any error", () => {
  it("logs causes and aggregated errors, even in a cycle", () => {
    const inner = new TypeError("inner");
    const looped = new Error("looped", { cause: new AggregateError([inner], "aggregate") });
    inner.cause = looped;
    logger.error({ err: looped }, "failed");
    expect(JSON.parse(output).err).toMatchObject({
      message: "looped",
      cause: { message: "aggregate", errors: [{ type: "TypeError", message: "inner" }] },
    });
  });

  it("logs a thrown string, and no properties of other thrown values", () => {
    logger.error({ err: { email: EMAIL } }, "failed");
    logger.error({ err: "a sentence" }, "failed");
    expect(output).not.toContain(EMAIL);
    expect(output).toContain('"message":"a sentence"');
  });
});

describe("logger", () => {
  it("logs messages, numbers and ids and redacts secrets", () => {
    logger.info("plain text");
    logger.info({ runId: "r1", count: 3, user: { email: EMAIL, password: "p4ss" } }, "done");
    expect(output).toContain('"msg":"plain text"');
    expect(output).toContain('"runId":"r1","count":3');
    expect(output).not.toMatch(/somebody|p4ss/);
  });
});
