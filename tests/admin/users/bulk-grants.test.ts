import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findAudit } from "@/admin/audit";
import { applyGrants, checkGrants } from "@/admin/users/bulk-grants";
import { MAX_GRANT_LINES } from "@/admin/users/parse-grants";
import { auditLog, user } from "@/db/schema";
import { getBalance, listLots } from "@/ledger/reads/balance";
import { InvalidInput } from "@/lib/errors";
import { expectBooksBalanced } from "../../support/books";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { makeUser } from "../factories";

const createdAt = new Date("2026-03-01T08:00:00Z");
const now = new Date("2026-03-02T08:00:00Z");
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  for (const id of ["mei", "lin", "wei", "kai", "broken", "gone"]) {
    await makeUser(test.db, { id, createdAt });
  }
  await test.db.update(user).set({ deletedAt: now }).where(eq(user.id, "gone"));
  await test.ownerSql.unsafe(`
    create function refuse_grant() returns trigger language plpgsql as $$
    begin raise exception 'refused by the test'; end $$;
    create trigger refuse_grant before insert on credit_transaction
    for each row when (new.user_id = 'broken' and new.type = 'ADMIN_ADJUST')
    execute function refuse_grant()`);
});
afterAll(async () => {
  await expectBooksBalanced(test.ownerSql);
  await test.close();
});

const available = async (userId: string) => (await getBalance(test.db, { userId, now })).available;
const check = (name: string, text: string) => checkGrants(test.db, { name, text, now });
const apply = (name: string, text: string, options: { actorId?: string; id?: string } = {}) =>
  applyGrants(test.db, {
    id: randomUUID(),
    actorId: "boss",
    name,
    text,
    now,
    deadlineMs: Number.POSITIVE_INFINITY,
    ...options,
  });
const statuses = async (results: ReturnType<typeof apply>) =>
  (await results).map(({ status }) => status);

describe("checkGrants", () => {
  it("finds users by email and id and returns the effect of each line and the totals", async () => {
    const text = "MEI@qiflow.example,50,2026-12-31,outage\nlin,5,,outage\nmei,7,,thanks";
    expect(await check("preview", text)).toMatchObject({
      grants: [
        { userId: "mei", email: "mei@qiflow.example", availableBefore: 120, availableAfter: 170 },
        { userId: "lin", availableBefore: 120, availableAfter: 125 },
        { userId: "mei", availableBefore: 170, availableAfter: 177 },
      ],
      invalid: [],
      totalCredits: 62,
      totalUsers: 2,
    });
    expect(await available("mei")).toBe(120);
  });

  it("reports unknown, deleted and repeated users by line, in the file's order", async () => {
    const text =
      "nobody,5,,outage\nlin,5,,outage\ngone,5,,outage\nlin,x,,outage\nLIN@qiflow.example,5,,outage";
    const { invalid } = await check("invalid", text);
    expect(invalid.map(({ line, problem }) => [line, problem])).toEqual([
      [1, "unknown_user"],
      [3, "deleted_user"],
      [4, "amount"],
      [5, "repeated"],
    ]);
  });

  it("refuses an empty file and one with too many lines", async () => {
    await expect(check("empty", "\n \n")).rejects.toThrow(InvalidInput);
    const line = "lin,5,,outage\n";
    await expect(check("long", line.repeat(MAX_GRANT_LINES + 1))).rejects.toThrow(InvalidInput);
    expect((await check("full", line.repeat(MAX_GRANT_LINES))).invalid).toHaveLength(
      MAX_GRANT_LINES - 1,
    );
  });
});

describe("applyGrants", () => {
  it("grants and audits each line once when several admins apply the file repeatedly", async () => {
    const text = "wei,50,2026-12-31,outage\nkai@qiflow.example,5,,outage";
    const id = randomUUID();
    expect(await statuses(apply("outage", text, { id }))).toEqual(["granted", "granted"]);
    expect(await statuses(apply("outage", text, { actorId: "deputy" }))).toEqual([
      "replayed",
      "replayed",
    ]);
    expect(await available("wei")).toBe(170);
    expect(await available("kai")).toBe(125);
    const [lot] = (await listLots(test.db, { userId: "wei", now })).filter(
      ({ amount, type }) => amount === 50 && type === "ADMIN_ADJUST",
    );
    expect(lot?.expiresAt).toEqual(new Date("2027-01-01T00:00:00Z"));
    expect(await findAudit(test.db, id)).toMatchObject({
      action: "credits.bulk-grant",
      reason: "outage",
      after: { lines: 2, credits: 55, granted: 2, failed: 0 },
    });
    const entries = await test.db.select().from(auditLog).where(eq(auditLog.targetUserId, "wei"));
    expect(entries).toMatchObject([{ action: "credits.adjust", reason: "outage" }]);
  });

  it("grants an edited file's new lines only, and all of them under another name", async () => {
    expect(await statuses(apply("edited", "mei,10,,thanks"))).toEqual(["granted"]);
    const longer = "lin,10,,thanks\nmei,10,,thanks";
    expect((await check("edited", longer)).totalCredits).toBe(10);
    expect(await statuses(apply("edited", longer))).toEqual(["granted", "replayed"]);
    expect(await statuses(apply("another", longer))).toEqual(["granted", "granted"]);
    expect(await available("mei")).toBe(140);
    expect(await available("lin")).toBe(140);
  });

  it("grants once when the file is applied concurrently", async () => {
    const before = await available("kai");
    const both = await Promise.all([1, 2, 3].map(() => apply("at once", "kai,3,,thanks")));
    expect(both.flat().filter(({ status }) => status === "granted")).toHaveLength(1);
    expect(await available("kai")).toBe(before + 3);
  });

  it("isolates a line that fails and grants it when the file is applied again", async () => {
    const text = "mei,1,,one\nbroken,2,,two\nlin,3,,three";
    const results = await apply("isolated", text);
    expect(results).toMatchObject([
      { status: "granted" },
      { line: 2, status: "failed", error: "unexpected" },
      { status: "granted" },
    ]);
    await test.ownerSql`drop trigger refuse_grant on credit_transaction`;
    expect(await statuses(apply("isolated", text))).toEqual(["replayed", "granted", "replayed"]);
    expect(await available("broken")).toBe(122);
  });

  it("grants nothing from a file with an invalid line", async () => {
    const before = await available("mei");
    await expect(apply("half", "mei,1,,one\nnobody,1,,one")).rejects.toThrow(InvalidInput);
    expect(await available("mei")).toBe(before);
  });

  it("leaves the lines after its deadline for the next application", async () => {
    const late = applyGrants(test.db, {
      id: randomUUID(),
      actorId: "boss",
      name: "late",
      text: "mei,1,,one",
      now,
      deadlineMs: 0,
    });
    expect(await statuses(late)).toEqual(["pending"]);
    expect(await statuses(apply("late", "mei,1,,one"))).toEqual(["granted"]);
  });
});
