import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../support/database";

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.close());

describe("audit_log", () => {
  it("can be neither updated, deleted from nor truncated by the application", async () => {
    const denied = "permission denied";
    await expect(test.sql`delete from audit_log`).rejects.toThrow(denied);
    await expect(test.sql`update audit_log set actor_id = 'x'`).rejects.toThrow(denied);
    await expect(test.sql`truncate audit_log`).rejects.toThrow(denied);
  });
});
