import { randomUUID } from "node:crypto";
import { getTranslations } from "next-intl/server";
import type { OverviewReads } from "@/admin/reports/overview";
import { Identifier } from "@/components/admin/identifier";
import { RunStatusBadge } from "@/components/admin/run-status";
import { DateTime } from "@/components/date-time";
import { Link } from "@/components/link";
import { Alert } from "@/components/ui/alert";
import { Card, CardHeader } from "@/components/ui/card";
import { Stat, StatList } from "@/components/ui/stat";
import { isInterrupted } from "@/ledger/reconcile";
import { now } from "@/lib/clock";
import { ReconcileButton } from "./reconcile-button";
import { ReconcileProgress } from "./reconcile-progress";

/** Whether the books balance, as last recomputed, and the last distribution. */
export async function BooksCard({ read }: { read: OverviewReads["books"] }) {
  const t = await getTranslations("admin.overview");
  const [books, running, latest] = await read();
  const wasCutOff = running !== undefined && isInterrupted(running, now());
  const state = running === undefined ? "idle" : wasCutOff ? "cut-off" : "running";
  const drifted = (running?.driftedUsers.length ? running : books)?.driftedUsers ?? [];
  return (
    <Card>
      <CardHeader
        title={t("books")}
        description={t("booksHint")}
        aside={<ReconcileButton formId={randomUUID()} state={state} />}
      />
      {running && (
        <ReconcileProgress
          checked={running.usersChecked}
          of={books?.usersChecked ?? 0}
          wasCutOff={wasCutOff}
        />
      )}
      <StatList columns="lg:grid-cols-3">
        <Stat
          label={t("reconciledAt")}
          note={t("usersChecked", { count: books?.usersChecked ?? 0 })}
        >
          {books ? <DateTime instant={books.startedAt} /> : t("never")}
        </Stat>
        <Stat label={t("drift")}>{t("driftedUsers", { count: drifted.length })}</Stat>
        <Stat label={t("lastRun")} note={latest && <RunStatusBadge status={latest.status} />}>
          {latest ? (
            <Link href="/admin/runs">
              <DateTime instant={latest.startedAt} />
            </Link>
          ) : (
            t("never")
          )}
        </Stat>
      </StatList>
      {drifted.length > 0 && (
        <Alert tone="destructive" title={t("driftFound")} className="mt-6">
          <ul className="grid gap-1">
            {drifted.slice(0, 20).map((userId) => (
              <li key={userId}>
                <Link href={`/admin/users/${encodeURIComponent(userId)}`} className="underline">
                  <Identifier>{userId}</Identifier>
                </Link>
              </li>
            ))}
          </ul>
        </Alert>
      )}
    </Card>
  );
}
