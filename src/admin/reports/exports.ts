import { latestMembers } from "@/billing/subscriptions/membership";
import type { Executor } from "@/db/client";
import type { CreditType } from "@/ledger/grant";
import type { ReadAt } from "@/ledger/reads/read-at";
import { type LedgerPage, searchLedger } from "@/ledger/reads/search";
import { breakageOf, latestLots } from "@/ledger/reports/breakage";
import { FLOWS } from "@/ledger/reports/flows";
import { decimalAmount } from "@/lib/currencies";
import type { CsvCell } from "@/lib/download";
import type { ReportPeriod } from "@/lib/utc-period";
import { parseCursor } from "../lists/keyset";
import { listAllPayments, type PaymentsFilter } from "../payments";
import { readMonths } from "./months";
import { netCents, readSales } from "./sales";

type CsvPages = AsyncGenerator<readonly (readonly CsvCell[])[]>;

interface ReportExport {
  readonly columns: readonly string[];
  readonly pages: (reader: Executor, period: ReportPeriod) => CsvPages;
}

const books: ReportExport = {
  columns: ["month", ...FLOWS, "outstanding"],
  async *pages(reader, period) {
    for (const { month, flows, outstanding } of await readMonths(reader, period))
      yield [[month, ...FLOWS.map((name) => flows[name]), outstanding]];
  },
};

const members: ReportExport = {
  columns: ["month", "members", "new_members", "granted", "expired", "expired_share"],
  /** Member cells are empty for a month that is not counted yet. */
  async *pages(reader, period) {
    const counts = await latestMembers(reader, period);
    const lots = await latestLots(reader, period);
    for (const { month, flows } of await readMonths(reader, period)) {
      const counted = counts.months.find((row) => row.month === month);
      const granted = lots.find((row) => row.month === month);
      yield [
        [
          month,
          counted?.members ?? null,
          counted?.newMembers ?? null,
          flows.granted + flows.added,
          flows.expired,
          granted === undefined ? null : breakageOf(granted),
        ],
      ];
    }
  },
};

const sales: ReportExport = {
  columns: [
    "month",
    "item",
    "currency",
    "payments",
    "amount_cents",
    "refunded_cents",
    "disputed_cents",
    "net_cents",
    "amount",
    "refunded",
    "disputed",
    "net",
  ],
  async *pages(reader, period) {
    const rows = await readSales(reader, period);
    yield rows.map((row) => [
      row.month,
      row.item,
      row.currency,
      row.payments,
      row.amountCents,
      row.refundedCents,
      row.disputedCents,
      netCents(row),
      decimalAmount(row.amountCents, row.currency),
      decimalAmount(row.refundedCents, row.currency),
      decimalAmount(row.disputedCents, row.currency),
      decimalAmount(netCents(row), row.currency),
    ]);
  },
};

const usage: ReportExport = {
  columns: ["month", "type", "transactions", "credits_in", "credits_out", "net"],
  async *pages(reader, period) {
    for (const { month, totals } of await readMonths(reader, period)) {
      yield totals.map(({ type, transactions, creditsIn, creditsOut }) => [
        month,
        type,
        transactions,
        creditsIn,
        creditsOut,
        creditsIn + creditsOut,
      ]);
    }
  },
};

/** The monthly reports as CSV, newest month first. */
export const REPORT_EXPORTS = { books, members, sales, usage } as const;
export type ReportName = keyof typeof REPORT_EXPORTS;

/** Rows per query. Each page is its own query, because a transaction pooler keeps no cursor open. */
const PAGE_ROWS = 1_000;

export const LEDGER_COLUMNS = [
  "seq",
  "type",
  "amount",
  "balance_after",
  "source",
  "key",
  "booked_at",
  "effective_at",
];

/**
 * One user's ledger, newest first. Expiries that no job has booked yet come first and
 * have an empty `booked_at`.
 */
export async function* ledgerPages(
  reader: Executor,
  { userId, type, ...when }: { userId: string; type: CreditType | null } & ReadAt,
): CsvPages {
  for (let before: number | null | undefined; before !== null; ) {
    const page: LedgerPage = await searchLedger(reader, {
      userId,
      filter: { type },
      turn: { before: before ?? null },
      limit: PAGE_ROWS,
      ...when,
    });
    yield page.rows.map((row) => [
      row.seq,
      row.type,
      row.amount,
      row.balanceAfter,
      row.source,
      row.idempotencyKey,
      row.bookedAt,
      row.effectiveAt,
    ]);
    before = page.olderBefore;
  }
}

export const PAYMENT_COLUMNS = [
  "paid_at",
  "id",
  "user_id",
  "item",
  "price_id",
  "amount_cents",
  "refunded_cents",
  "disputed_cents",
  "currency",
  "credits",
  "payment_intent",
  "subscription",
  "amount",
  "refunded",
  "disputed",
];

/** All payments that match the filter, in its order. Ignores the filter's cursors. */
export async function* paymentPages(reader: Executor, filter: PaymentsFilter): CsvPages {
  const direction = filter.order === "oldest" ? "newer" : "older";
  for (let next: string | null | undefined; next !== null; ) {
    const cursor = next === undefined ? undefined : parseCursor(next);
    const page: Awaited<ReturnType<typeof listAllPayments>> = await listAllPayments(
      reader,
      { ...filter, older: undefined, newer: undefined, [direction]: cursor },
      PAGE_ROWS,
    );
    yield page.rows.map((row) => [
      row.paidAt,
      row.id,
      row.userId,
      row.item,
      row.priceId,
      row.amountCents,
      row.refundedCents,
      row.disputedCents,
      row.currency,
      row.credits,
      row.paymentIntentId,
      row.subscriptionId,
      decimalAmount(row.amountCents, row.currency),
      decimalAmount(row.refundedCents, row.currency),
      decimalAmount(row.disputedCents, row.currency),
    ]);
    next = page[direction];
  }
}
