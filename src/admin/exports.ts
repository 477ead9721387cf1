import type { CreditType } from "@/credits/grant-credits";
import { type LedgerPage, searchLedger } from "@/credits/ledger-search";
import type { Reader } from "@/db/client";
import type { CsvCell } from "@/lib/csv";
import { type ReportPeriod, readMembers, readSales } from "./business";
import { parseCursor } from "./keyset";
import { listAllPayments } from "./payments";
import { reportMonths } from "./reports";

type CsvPages = AsyncGenerator<readonly (readonly CsvCell[])[]>;

/** Rows read at once; each page is a query of its own, as a pooler keeps no cursor. */
const ROWS_AT_ONCE = 1_000;

export const USAGE_COLUMNS = ["month", "type", "transactions", "credits_in", "credits_out", "net"];

/** The report by month and type, newest month first. */
export async function* usagePages(reader: Reader, period: { at: Date; months: number }): CsvPages {
  for await (const { month, totals } of reportMonths(reader, period)) {
    yield totals.map(({ type, transactions, creditsIn, creditsOut }) => [
      ...[month, type, transactions],
      ...[creditsIn, creditsOut, creditsIn + creditsOut],
    ]);
  }
}

export const SALES_COLUMNS = [
  ...["month", "item", "currency", "payments", "amount_cents", "refunded_cents"],
];

/** What was paid for each plan and pack, newest month first: a few rows a month, so one page. */
export async function* salesPages(reader: Reader, period: ReportPeriod): CsvPages {
  const sales = await readSales(reader, period);
  yield sales.map((row) => [
    ...[row.month, row.item, row.currency, row.payments, row.amountCents, row.refundedCents],
  ]);
}

export const MEMBERS_COLUMNS = ["month", "members", "new_members"];

/** Paid members by month, newest first. */
export async function* membersPages(reader: Reader, period: ReportPeriod): CsvPages {
  const rows = await readMembers(reader, period);
  yield rows.map(({ month, members, newMembers }) => [month, members, newMembers]);
}

export const LEDGER_COLUMNS = [
  ...["seq", "type", "amount", "balance_after", "source", "key", "booked_at", "effective_at"],
];

/**
 * One user's ledger, newest first, beginning with what has expired by `at` and is not booked yet:
 * there `booked_at` is empty.
 */
export async function* ledgerPages(
  reader: Reader,
  ledger: { userId: string; type: CreditType | null; at: Date },
): CsvPages {
  for (let before: number | null | undefined; before !== null; ) {
    const page: LedgerPage = await searchLedger(reader, {
      ...{ userId: ledger.userId, filter: { type: ledger.type }, at: ledger.at },
      ...{ turn: { before: before ?? null }, limit: ROWS_AT_ONCE },
    });
    yield page.rows.map((row) => [
      ...[row.seq, row.type, row.amount, row.balanceAfter, row.source, row.idempotencyKey],
      ...[row.bookedAt, row.effectiveAt],
    ]);
    before = page.olderBefore;
  }
}

export const PAYMENT_COLUMNS = [
  ...["paid_at", "id", "user_id", "item", "price_id", "amount_cents", "refunded_cents"],
  ...["currency", "credits", "payment_intent", "subscription"],
];

/** All payments that a search finds, newest first. */
export async function* paymentPages(reader: Reader, { q }: { q: string }): CsvPages {
  for (let older: string | null | undefined; older !== null; ) {
    const turn = older === undefined ? {} : { older: parseCursor(older) };
    const page: Awaited<ReturnType<typeof listAllPayments>> = await listAllPayments(
      reader,
      { q, ...turn },
      ROWS_AT_ONCE,
    );
    yield page.rows.map((row) => [
      ...[row.paidAt, row.id, row.userId, row.item, row.priceId, row.amountCents],
      ...[row.refundedCents, row.currency, row.credits, row.paymentIntentId, row.subscriptionId],
    ]);
    older = page.older;
  }
}
