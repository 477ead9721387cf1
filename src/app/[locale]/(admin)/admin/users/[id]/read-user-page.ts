import { readServiceUsage } from "@/admin/api-services";
import { findFailure } from "@/admin/distribution/failures";
import { listOutbox, outboxQuery } from "@/admin/outbox";
import { findUser, listOpenHolds, readLedgerPage } from "@/admin/users/user";
import { listDevices } from "@/auth/sessions";
import { listConsents } from "@/billing/consumer-rights/supply-consent";
import { getMembership, listPayments } from "@/billing/queries";
import type { Executor } from "@/db/client";
import { getBalance, listLots, listSchedules } from "@/ledger/reads/balance";
import { getLotHistories } from "@/ledger/reads/lot-history";
import { machineNow } from "@/lib/clock";
import { listNotices } from "@/notifications/notices";
import { listServices } from "@/public-api/services";

const PAYMENTS_SHOWN = 10;
const NOTICES_SHOWN = 10;

/**
 * Everything that one user's page shows. Balance and lots are as of `at` (null means now), the rest is
 * current. Undefined for an unknown user.
 */
export async function readUserPage(
  reader: Executor,
  {
    at,
    now,
    ...ledgerPage
  }: { at: Date | null; now: Date } & Omit<Parameters<typeof readLedgerPage>[1], "at" | "now">,
) {
  const { userId } = ledgerPage;
  const user = await findUser(reader, userId);
  if (user === undefined) return undefined;
  const when = at === null ? { now } : { at };
  const [balance, lots, ledger, membership, payments, schedules, failure, holds, ...others] =
    await Promise.all([
      getBalance(reader, { userId, ...when }),
      listLots(reader, { userId, ...when }),
      readLedgerPage(reader, { ...ledgerPage, now }),
      getMembership(reader, { userId, at: now }),
      listPayments(reader, { userId, limit: PAYMENTS_SHOWN }),
      listSchedules(reader, { userId }),
      findFailure(reader, userId),
      listOpenHolds(reader, { userId }),
      listNotices(reader, { userId, limit: NOTICES_SHOWN }),
      listOutbox(reader, outboxQuery.parse({ q: userId })),
      listDevices(reader, userId),
      listConsents(reader, { userId }),
      listServices(reader, { ownerId: userId, now: machineNow() }),
      readServiceUsage(reader, { userId, now, keysAt: machineNow() }),
    ]);
  const [notices, emails, devices, consents, services, usage] = others;
  const currentBalance = at === null ? balance : await getBalance(reader, { userId, now });
  const lotSeqs = lots.map((lot) => lot.seq);
  const histories = await getLotHistories(reader, { userId, lotSeqs, ...when });
  return {
    user,
    balance,
    currentBalance,
    lots,
    histories,
    ledger,
    membership,
    payments,
    schedules,
    failure,
    holds,
    notices,
    emails,
    devices,
    consents,
    services,
    usage,
  };
}
