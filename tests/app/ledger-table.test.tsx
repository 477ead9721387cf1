import { NextIntlClientProvider } from "next-intl";
import { renderToStaticMarkup } from "react-dom/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LedgerTable } from "@/app/[locale]/(app)/credits/ledger-table";
import { loadMessages } from "@/i18n/load-messages";
import { expireCredits } from "@/ledger/distribution/expire";
import { openCreditAccount } from "@/ledger/grant";
import { getDraws } from "@/ledger/reads/balance";
import { searchLedger } from "@/ledger/reads/search";
import type { Locale } from "@/lib/locales";
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

async function ledger(locale: Locale): Promise<string> {
  const search = { userId: "ada", filter: {}, turn: {}, limit: 10, now: bookedAt };
  const { rows } = await searchLedger(test.db, search);
  const seqs = rows.map((row) => row.seq);
  const draws = await getDraws(test.db, { userId: "ada", seqs });
  return renderToStaticMarkup(
    <NextIntlClientProvider locale={locale} messages={messages[locale]} timeZone="UTC">
      <LedgerTable rows={rows} draws={draws} histories={new Map()} />
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
});
