import { latestMembers } from "@/billing/subscriptions/membership";
import type { Executor } from "@/db/client";
import type { CreditType } from "@/ledger/grant";
import { type LedgerPage, searchLedger } from "@/ledger/reads/search";
import { FLOWS } from "@/ledger/reports/flows";
import type { CsvCell } from "@/lib/csv";
import type { ReportPeriod } from "@/lib/utc-period";
import type { PaymentsFilter } from "../input";
import { parseCursor } from "../lists/keyset";
import { listAllPayments } from "../payments/payments";
import { breakageOf, netCents, readSales } from "./business";
import { readMonths } from "./reports";

type CsvPages = AsyncGenerator<readonly (readonly CsvCell[])[]>;

/** Rows read at once; each page is a query of its own, as a pooler keeps no cursor. */
const ROWS_AT_ONCE = 1_000;

export const USAGE_COLUMNS = ["month", "type", "transactions", "credits_in", "credits_out", "net"];

/** The report by month and type, newest month first. */
export async function* usagePages(reader: Executor, period: ReportPeriod): CsvPages {
  for (const { month, totals } of await readMonths(reader, period)) {
    yield totals.map(({ type, transactions, creditsIn, creditsOut }) => [
      ...[month, type, transactions],
      ...[creditsIn, creditsOut, creditsIn + creditsOut],
    ]);
  }
}

export const SALES_COLUMNS = [
  ...["month", "item", "currency", "payments", "amount_cents", "refunded_cents"],
  ...["disputed_cents", "net_cents"],
];

/** What was paid for each plan and pack, newest month first: a few rows a month, so one page. */
export async function* salesPages(reader: Executor, period: ReportPeriod): CsvPages {
  const sales = await readSales(reader, period);
  yield sales.map((row) => [
    ...[row.month, row.item, row.currency, row.payments, row.amountCents, row.refundedCents],
    ...[row.disputedCents, netCents(row)],
  ]);
}

export const MEMBERS_COLUMNS = [
  ...["month", "members", "new_members", "granted", "expired", "expired_share"],
];

/** Paid members and what expired unused by month, newest first; a month not counted yet has no members. */
export async function* membersPages(reader: Executor, period: ReportPeriod): CsvPages {
  const members = await latestMembers(reader, period);
  for (const { month, flows } of await readMonths(reader, period)) {
    const counted = members.months.find((row) => row.month === month);
    yield [
      [
        ...[month, counted?.members ?? null, counted?.newMembers ?? null],
        ...[flows.granted + flows.added, flows.expired, breakageOf(flows)],
      ],
    ];
  }
}

export const BOOKS_COLUMNS = ["month", ...FLOWS, "outstanding"];

/** The books by month, newest first: each term, and what was outstanding at the end. */
export async function* booksPages(reader: Executor, period: ReportPeriod): CsvPages {
  for (const { month, flows, outstanding } of await readMonths(reader, period))
    yield [[month, ...FLOWS.map((name) => flows[name]), outstanding]];
}

export const LEDGER_COLUMNS = [
  ...["seq", "type", "amount", "balance_after", "source", "key", "booked_at", "effective_at"],
];

/**
 * One user's ledger, newest first, beginning with what has expired by `at` and is not booked yet:
 * there `booked_at` is empty.
 */
export async function* ledgerPages(
  reader: Executor,
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
  ...["disputed_cents", "currency", "credits", "payment_intent", "subscription"],
];

/** All payments that a filter lets through, in its order, whatever page it is on. */
export async function* paymentPages(reader: Executor, filter: PaymentsFilter): CsvPages {
  const way = filter.order === "oldest" ? "newer" : "older";
  for (let next: string | null | undefined; next !== null; ) {
    const cursor = next === undefined ? undefined : parseCursor(next);
    const page: Awaited<ReturnType<typeof listAllPayments>> = await listAllPayments(
      reader,
      { ...filter, older: undefined, newer: undefined, [way]: cursor },
      ROWS_AT_ONCE,
    );
    yield page.rows.map((row) => [
      ...[row.paidAt, row.id, row.userId, row.item, row.priceId, row.amountCents],
      ...[row.refundedCents, row.disputedCents, row.currency, row.credits],
      ...[row.paymentIntentId, row.subscriptionId],
    ]);
    next = page[way];
  }
}
