import { readFileSync } from "node:fs";
import { addDays } from "date-fns";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listPacks } from "@/catalog/items";
import type { Transaction } from "@/db/client";
import { refundSpend, spendCredits } from "@/ledger/debit";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { grantCredits, openCreditAccount } from "@/ledger/grant";
import { captureHold, holdCredits } from "@/ledger/hold";
import { getBalance } from "@/ledger/reads/balance";
import { revokeCredits } from "@/ledger/reverse";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";

const userId = "example";
const basic = listPacks()[0] ?? expect.fail("The catalogue has no pack.");
let database: TestDatabase;
/** The transaction of `spend 140`, which is refunded later. */
let spendSeq: number;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await database.close();
});

/** The events of the README's table. */
const events: Record<string, (now: Date) => Promise<unknown>> = {
  "sign-up": (now) => write((tx) => openCreditAccount(tx, { userId, now })),
  "buy a pack of 100": (now) => buyPack("cs_1", now),
  "spend 30": (now) => spend(30, now),
  "hold 60": (now) =>
    write((tx) =>
      holdCredits(tx, {
        userId,
        key: "hold",
        amount: 60,
        source: "reading:2",
        expiresAt: addDays(now, 1),
        now,
      }),
    ),
  "capture 50 of the hold": (now) =>
    write((tx) => captureHold(tx, { userId, holdKey: "hold", key: "capture", amount: 50, now })),
  "monthly distribution": distribute,
  "January's free lot expires": async () => {},
  "spend 140": async (now) => {
    spendSeq = (await spend(140, now)).seq;
  },
  "the pack's payment is refunded": (now) =>
    write((tx) =>
      revokeCredits(tx, {
        userId,
        key: "refund:re_1",
        amount: basic.credits,
        source: "checkout:cs_1",
        now,
      }),
    ),
  "refund 20 of the spend": (now) =>
    write((tx) => refundSpend(tx, { userId, spendSeq, key: "refund", amount: 20, now })),
  "monthly distribution again": distribute,
  "buy another pack of 100": (now) => buyPack("cs_2", now),
};

describe("the worked example in the ledger's README", () => {
  it("lists every event of this test, in order", () => {
    expect(rowsOfReadme().map(({ event }) => event)).toEqual(Object.keys(events));
  });

  it.each(rowsOfReadme())("matches the balance in the table after: $event", async (row) => {
    await events[row.event]?.(row.at);
    const { available, held, debt } = await getBalance(database.db, { userId, at: row.at });
    expect({ available, held, debt }).toEqual({
      available: row.available,
      held: row.held,
      debt: row.debt,
    });
  });
});

/** Parses the table under "Worked example". */
function rowsOfReadme() {
  const readme = readFileSync("src/ledger/README.md", "utf8");
  const section = readme.split("## Worked example")[1]?.split("\n## ")[0] ?? "";
  const lines = section.split("\n").filter((line) => line.startsWith("| "));
  return lines.slice(2).map((line) => {
    const [, date, event = "", ...figures] = line.split("|").map((cell) => cell.trim());
    const [available, held, debt] = figures.map(Number);
    return { at: new Date(`${date}T12:00:00Z`), event, available, held, debt };
  });
}

function write<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
  return database.db.transaction(work);
}

function buyPack(sessionId: string, now: Date) {
  return write((tx) =>
    grantCredits(tx, {
      userId,
      key: `checkout:${sessionId}:pack`,
      amount: basic.credits,
      type: "PURCHASE_PACKAGE",
      source: `checkout:${sessionId}`,
      expiresAt: addDays(now, basic.expireDays ?? 0),
      paid: true,
      now,
    }),
  );
}

function spend(amount: number, now: Date) {
  return write((tx) =>
    spendCredits(tx, {
      userId,
      key: `spend:${amount}`,
      amount,
      source: `reading:${amount}`,
      now,
    }),
  );
}

function distribute(now: Date) {
  return distributeCredits(database.db, { now, deadlineMs: Number.POSITIVE_INFINITY });
}
