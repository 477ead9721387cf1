import { auditQuery, readAuditPage } from "@/admin/audit";
import { readRunsPage, runsQuery } from "@/admin/distribution/runs";
import { readEventPage } from "@/admin/events/event-changes";
import { eventsQuery, readEventsPage } from "@/admin/events/events";
import { outboxQuery, readOutboxPage } from "@/admin/outbox";
import { paymentsQuery, REVERSAL_FILTERS, readPaymentsPage } from "@/admin/payments";
import { ledgerPages, paymentPages, REPORT_EXPORTS } from "@/admin/reports/exports";
import { REPORT_MONTHS, readReportsPage } from "@/admin/reports/months";
import { OVERVIEW_DAYS, overviewReads } from "@/admin/reports/overview";
import { searchConsole } from "@/admin/search";
import {
  listUsers,
  PAID_FILTERS,
  ROLE_FILTERS,
  STATE_FILTERS,
  usersQuery,
} from "@/admin/users/list-users";
import { userQuery } from "@/admin/users/user";
import { readUserPage } from "@/app/[locale]/(admin)/admin/users/[id]/read-user-page";
import type { Database } from "@/db/client";
import { outboxKind, outboxStatus, stripeEventStatus } from "@/db/schema";
import { readHealth } from "@/jobs/health";
import { previewDistribution, previewSample } from "@/ledger/distribution/preview";
import { runStatus } from "@/ledger/distribution/schema";
import { DEEP_USER, eventOf, HEAVY_USER, NOW, RARE_ACTION, RARE_ITEM, userOf } from "./seed";

export interface BenchPage {
  readonly name: string;
  readonly read: () => Promise<unknown>;
}

type Address = Record<string, string>;

/** The middle of the three years, with an id that sorts anywhere. */
const DEEP = "2024-09-01T00:00:00.000000Z_00000000-0000-4000-8000-000000000000";
const NOWHERE = "nobody-at-all";
const AN_ID = "00000000-0000-4000-8000-000000000000";

/** Every page with every value of its filters, through the page's own queries. */
export function pagesOf(db: Database, users: number): BenchPage[] {
  const sampleUser = userOf(Math.ceil(users / 20) * 10);
  const page = (name: string, read: () => Promise<unknown>) => ({ name, read });
  const list = (
    name: string,
    read: (address: Address) => Promise<unknown>,
    addresses: readonly Address[],
  ) =>
    [{}, { older: DEEP }, { newer: DEEP }, { order: "oldest" }, ...addresses].map((address) =>
      page(`${name} ${new URLSearchParams(address)}`.trim(), () => read(address)),
    );
  const each = (key: string, values: readonly string[]) =>
    values.filter((value) => value !== "any").map((value) => ({ [key]: value }));
  const searches = (...terms: string[]) => each("q", [...terms, NOWHERE]);
  return [
    ...OVERVIEW_DAYS.map((days) =>
      page(`overview ${days} days`, () => {
        const reads = overviewReads(db, { days: Number(days), at: NOW });
        return Promise.all(Object.values(reads).map((read) => read()));
      }),
    ),
    ...list("users", (a) => listUsers(db, { filter: usersQuery.parse(a), at: NOW }), [
      ...searches(sampleUser, "abcd", "people", "q", "zq", "明", "一一", "cus_1"),
      ...each("role", ROLE_FILTERS),
      ...each("state", STATE_FILTERS),
      ...each("paid", PAID_FILTERS),
      { paid: "paid", older: DEEP },
    ]),
    ...userPages(db, sampleUser),
    ...[sampleUser, "abcd", "zq", "明", "cus_1", "in_10_1", "sub_10", "evt_10", AN_ID].map((q) =>
      page(`search ${q}`, () => searchConsole(db, { q, at: NOW })),
    ),
    ...list("payments", (a) => readPaymentsPage(db, paymentsQuery.parse(a)), [
      ...searches(sampleUser, HEAVY_USER, "in_10_1", "pi_10_1", "sub_10"),
      ...each("item", ["pro-yearly", RARE_ITEM, NOWHERE]),
      ...each("currency", ["eur", NOWHERE]),
      ...each("back", REVERSAL_FILTERS),
      { item: "pro-yearly", currency: "eur", back: "none", older: DEEP },
      { item: RARE_ITEM, back: "refunded" },
      { from: "2024-02-01", to: "2024-02-29" },
      { from: "2024-02-01", to: "2024-02-29", item: "pack-basic", order: "oldest" },
    ]),
    ...list("events", (a) => readEventsPage(db, eventsQuery.parse(a)), [
      ...each("status", stripeEventStatus.enumValues),
      ...each("type", ["charge.dispute.created", NOWHERE]),
      ...searches(sampleUser, "evt_10", "in_10"),
    ]),
    page(`one event of ${sampleUser}`, () => readEventPage(db, eventOf(sampleUser))),
    page(`one event of ${HEAVY_USER}`, () => readEventPage(db, eventOf(HEAVY_USER))),
    ...list("runs", (a) => readRunsPage(db, runsQuery.parse(a)), [
      ...each("status", ["all", ...runStatus.enumValues]),
    ]),
    page("runs, dry run", () =>
      Promise.all([previewDistribution(db, NOW), previewSample(db, { now: NOW, limit: 10 })]),
    ),
    ...REPORT_MONTHS.map((months) =>
      page(`reports ${months} months`, () =>
        readReportsPage(db, { at: NOW, months: Number(months) }),
      ),
    ),
    ...list("outbox", (a) => readOutboxPage(db, outboxQuery.parse(a)), [
      ...each("status", outboxStatus.enumValues),
      ...each("kind", outboxKind.enumValues),
      { kind: "stripe", status: "pending" },
      ...searches(sampleUser, HEAVY_USER, "key:10"),
    ]),
    ...list("audit", (a) => readAuditPage(db, auditQuery.parse(a)), [
      ...each("action", ["credits.adjust", RARE_ACTION, "user.unban"]),
      ...searches(userOf(1), sampleUser, AN_ID),
    ]),
    page("health", () => readHealth(db, { now: NOW, migrations: [], functionSet: null })),
    page("payments.csv, a page", () => paymentPages(db, paymentsQuery.parse({})).next()),
    page("books.csv", () => REPORT_EXPORTS.books.pages(db, { at: NOW, months: 36 }).next()),
    page("ledger.csv, a page", () =>
      ledgerPages(db, { userId: HEAVY_USER, type: null, at: NOW }).next(),
    ),
  ];
}

function userPages(db: Database, sampleUser: string): BenchPage[] {
  const read = (userId: string, address: Address) => {
    const { at, type, ...turn } = userQuery.parse(address);
    return readUserPage(db, { userId, at: at ?? null, now: NOW, turn, ...(type && { type }) });
  };
  const addresses = [
    {},
    { at: "2024-09-01T00:00:00Z" },
    { before: "50000" },
    { type: "PURCHASE_PACKAGE" },
  ];
  return [
    { name: "one user", read: () => read(sampleUser, {}) },
    { name: "one user of one lot, spent 100,000 times", read: () => read(DEEP_USER, {}) },
    ...addresses.map((address) => ({
      name: `one user of 100,000 rows ${new URLSearchParams(address)}`.trim(),
      read: () => read(HEAVY_USER, address),
    })),
  ];
}
