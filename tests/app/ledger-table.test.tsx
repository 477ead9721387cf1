import { NextIntlClientProvider } from "next-intl";
import { renderToStaticMarkup } from "react-dom/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readEntryNames } from "@/app/[locale]/(app)/credits/entry-names";
import { LedgerTable } from "@/app/[locale]/(app)/credits/ledger-table";
import { getFeature, itemName } from "@/catalog/items";
import { payment, user } from "@/db/schema";
import { loadMessages } from "@/i18n/load-messages";
import { distributeToUser } from "@/ledger/distribution/distribute";
import { expireCredits } from "@/ledger/distribution/expire";
import { grantCredits, grantYearlyStart, openCreditAccount } from "@/ledger/grant";
import { getDraws } from "@/ledger/reads/balance";
import { searchLedger } from "@/ledger/reads/search";
import type { Locale } from "@/lib/locales";
import { birthInputSchema } from "@/products/bazi/birth/input";
import { createReading } from "@/products/bazi/create-reading";
import { deleteReading } from "@/products/bazi/readings";
import { birthLike } from "../products/bazi/births";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";

const joinedAt = new Date("2026-01-05T10:00:00Z");
/** The gift expired on 4 February. */
const bookedAt = new Date("2026-02-20T10:00:00Z");
const messages = { en: await loadMessages("en"), "zh-CN": await loadMessages("zh-CN") };
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  await test.db.transaction((tx) => openCreditAccount(tx, { userId: "ada", now: joinedAt }));
});
afterAll(() => test.close());

async function ledger(locale: Locale, userId = "ada"): Promise<string> {
  const search = { userId, filter: {}, turn: {}, limit: 10, now: bookedAt };
  const { rows } = await searchLedger(test.db, search);
  const seqs = rows.map((row) => row.seq);
  const draws = await getDraws(test.db, { userId, seqs });
  const names = await readEntryNames(test.db, { userId, rows, locale, timeZone: "UTC" });
  return renderToStaticMarkup(
    <NextIntlClientProvider locale={locale} messages={messages[locale]} timeZone="UTC">
      <LedgerTable rows={rows} draws={draws} histories={new Map()} names={names} />
    </NextIntlClientProvider>,
  )
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ");
}

describe("LedgerTable", () => {
  it("says what expired, dated when it expired, booked or not", async () => {
    const english = /4 Feb 2026 Sign-up gift expired/;
    expect(await ledger("en")).toMatch(english);
    await expireCredits(test.db, {
      runId: null,
      now: bookedAt,
      deadlineMs: Number.POSITIVE_INFINITY,
    });
    const booked = await ledger("en");
    expect(booked).toMatch(english);
    expect(booked).toMatch(/Booked 20 Feb 2026/);
    expect(await ledger("zh-CN")).toMatch(/2026年2月4日 注册赠送到期/);
    await expectBooksBalanced(test.ownerSql);
  });

  it("says what was bought and what was charged, and links to both", async () => {
    const userId = "mei";
    const readingId = "6d2f3b1e-58a1-4c7e-9d0f-3b8e1a2c4d5e";
    await test.db.transaction((tx) => openCreditAccount(tx, { userId, now: joinedAt }));
    await test.db.insert(user).values({
      id: userId,
      name: "Mei",
      email: "mei@example.com",
      createdAt: joinedAt,
      updatedAt: joinedAt,
    });
    const bought = { amountCents: 1490, currency: "usd", credits: 200, paidAt: joinedAt };
    const id = "checkout:cs_1";
    const item = "pack-standard";
    await test.db.insert(payment).values({ userId, id, item, priceId: "price_1", ...bought });
    await test.db.transaction((tx) =>
      grantCredits(tx, {
        userId,
        key: "checkout:cs_1:pack",
        amount: 200,
        type: "PURCHASE_PACKAGE",
        source: id,
        expiresAt: null,
        paid: true,
        now: joinedAt,
      }),
    );
    const birth = birthInputSchema.parse(birthLike());
    const reading = { userId, readingId, birth, keepInProfile: false };
    await createReading(test.db, reading, () => joinedAt);
    const english = await ledger("en", userId);
    expect(english).toContain(itemName(item, "en"));
    expect(english).toContain(`${getFeature("bazi-reading").name.en}: 15 Jun 1990, 12:00`);
    const { rows } = await searchLedger(test.db, {
      userId,
      filter: {},
      turn: {},
      limit: 10,
      now: bookedAt,
    });
    const names = await readEntryNames(test.db, { userId, rows, locale: "zh-CN", timeZone: "UTC" });
    const hrefs = [...names.values()].map(({ href }) => href);
    expect(hrefs).toEqual([null, `/bazi/${readingId}`, "/billing#checkout%3Acs_1", null]);
    expect([...names.values()].at(-1)?.text).toBe("2026年1月免费套餐月度积分");
    await deleteReading(test.db, { userId, id: readingId });
    const later = await readEntryNames(test.db, { userId, rows, locale: "zh-CN", timeZone: "UTC" });
    expect([...later.values()][1]).toMatchObject({ href: null });
    await expectBooksBalanced(test.ownerSql);
  });

  it("names the month of each of a plan's grants in the reader's zone, also when it expired", async () => {
    const userId = "lin";
    const [paidAt, later] = [new Date("2025-12-31T20:00:00Z"), new Date("2026-03-20T20:00:00Z")];
    const id = "invoice:in_year";
    const paid = { amountCents: 9900, currency: "usd", credits: 1000, paidAt };
    await test.db
      .insert(payment)
      .values({ userId, id, item: "pro-yearly", priceId: "price_2", ...paid });
    await test.db.transaction((tx) => openCreditAccount(tx, { userId, now: paidAt }));
    await test.db.transaction((tx) =>
      grantYearlyStart(tx, {
        userId,
        invoiceId: "in_year",
        subscriptionId: "sub_year",
        credits: 1000,
        anchorAt: paidAt,
        endsAt: new Date("2026-12-31T20:00:00Z"),
        now: paidAt,
      }),
    );
    await test.db.transaction((tx) => distributeToUser(tx, { userId, now: later }));
    const { rows } = await searchLedger(test.db, {
      userId,
      filter: {},
      turn: {},
      limit: 20,
      now: later,
    });
    const read = { userId, rows, locale: "en" } as const;
    const textsIn = async (timeZone: string) => {
      const names = await readEntryNames(test.db, { ...read, timeZone });
      return [...names.values()].map(({ text }) => text);
    };
    expect(await textsIn("UTC")).toEqual(
      expect.arrayContaining([
        "Free monthly credits for December 2025",
        "Pro, monthly credits for December 2025 expired",
        "Pro, monthly credits for December 2025",
        "Pro, monthly credits for January 2026",
        "Pro, monthly credits for February 2026",
      ]),
    );
    expect(await textsIn("Asia/Shanghai")).toContain("Pro, monthly credits for January 2026");
    expect(await textsIn("Asia/Shanghai")).not.toContain("Pro, monthly credits for December 2025");
    await expectBooksBalanced(test.ownerSql);
  });
});
