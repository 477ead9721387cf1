import { randomUUID } from "node:crypto";
import { useTranslations } from "next-intl";
import { getTranslations } from "next-intl/server";
import type { OverviewReads } from "@/admin/reports/overview";
import { Identifier } from "@/components/admin/facts";
import { RunStatusBadge } from "@/components/admin/status-badges";
import { DateTime } from "@/components/date-time";
import { Link } from "@/components/link";
import { Alert } from "@/components/ui/alert";
import { Card, CardHeader } from "@/components/ui/card";
import { Stat, StatList } from "@/components/ui/stat";
import { isInterrupted } from "@/ledger/reconcile";
import { now } from "@/lib/clock";
import { ReconcileButton } from "./reconcile-button";

/** The last reconciliation, the running one and the last distribution. */
export async function BooksCard({ read }: { read: OverviewReads["books"] }) {
  const t = await getTranslations("admin.overview");
  const [books, running, latest] = await read();
  const interrupted = running !== undefined && isInterrupted(running, now());
  const state = running === undefined ? "idle" : interrupted ? "interrupted" : "running";
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
          total={books?.usersChecked ?? 0}
          interrupted={interrupted}
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

/** How far an unfinished reconciliation has got. `total` is the number of users in the last one. */
function ReconcileProgress({
  checked,
  total,
  interrupted,
}: {
  checked: number;
  total: number;
  interrupted: boolean;
}) {
  const t = useTranslations("admin.overview");
  if (interrupted)
    return <p className="mb-4 text-sm">{t("reconcileCutOff", { count: checked })}</p>;
  return (
    <p role="status" className="mb-4 text-sm">
      {total < checked || total === 0
        ? t("reconciling", { count: checked })
        : t("reconcilingOf", { count: checked, of: total })}
    </p>
  );
}
