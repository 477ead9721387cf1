import { findFailure } from "@/admin/distribution/failures";
import { listOutbox, outboxQuery } from "@/admin/outbox";
import { findUser, listOpenHolds, readLedgerPage } from "@/admin/users/user";
import { listDevices } from "@/auth/sessions";
import { getMembership, listPayments } from "@/billing/queries";
import type { Executor } from "@/db/client";
import { getBalance, listLots, listSchedules } from "@/ledger/reads/balance";
import { getLotHistories } from "@/ledger/reads/lot-history";
import { clockOffsetMs } from "@/lib/clock";
import { listNotices } from "@/notifications/notices";

const PAYMENTS_SHOWN = 10;
const NOTICES_SHOWN = 10;

/**
 * All that one user's page shows, and what `npm run bench:admin` measures: balance and lots as of `at`
 * (null: now), the rest as it is. Undefined if there is no such user.
 */
export async function readUserPage(
  reader: Executor,
  {
    at,
    now,
    ...of
  }: { at: Date | null; now: Date } & Omit<Parameters<typeof readLedgerPage>[1], "at">,
) {
  const { userId } = of;
  const user = await findUser(reader, userId);
  if (user === undefined) return undefined;
  const asOf = at ?? now;
  const [balance, lots, ledger, membership, payments, schedules, failure, holds, ...others] =
    await Promise.all([
      getBalance(reader, { userId, at: asOf }),
      listLots(reader, { userId, at: asOf }),
      readLedgerPage(reader, { ...of, at: now }),
      getMembership(reader, { userId, at: now }),
      listPayments(reader, { userId, limit: PAYMENTS_SHOWN }),
      listSchedules(reader, { userId }),
      findFailure(reader, userId),
      listOpenHolds(reader, { userId }),
      listNotices(reader, { userId, limit: NOTICES_SHOWN }),
      listOutbox(reader, outboxQuery.parse({ q: userId })),
      // Sessions expire in real time, also where the application's clock was moved on.
      listDevices(reader, { userId, at: new Date(now.getTime() - clockOffsetMs()) }),
    ]);
  const [notices, mails, devices] = others;
  const histories = await getLotHistories(reader, {
    ...{ userId, at: asOf, lotSeqs: lots.map((lot) => lot.seq) },
  });
  return {
    ...{ user, balance, lots, histories, ledger, membership },
    ...{ payments, schedules, failure, holds, notices, mails, devices },
  };
}
