import { randomUUID } from "node:crypto";
import { getTranslations } from "next-intl/server";
import { readLatestRun } from "@/admin/runs";
import { Identifier } from "@/components/admin/identifier";
import { RunStatusBadge } from "@/components/admin/run-status";
import { DateTime } from "@/components/date-time";
import { Link } from "@/components/link";
import { Alert } from "@/components/ui/alert";
import { Card, CardHeader } from "@/components/ui/card";
import { Stat, StatList } from "@/components/ui/stat";
import { lastReconciliation } from "@/credits/reconcile";
import { db } from "@/db";
import { ReconcileButton } from "./reconcile-button";

/** Whether the books balance, as last recomputed, and the last distribution. */
export async function BooksCard() {
  const t = await getTranslations("admin.overview");
  const [books, latest] = await Promise.all([lastReconciliation(db), readLatestRun(db)]);
  const drifted = books?.driftedUsers ?? [];
  return (
    <Card>
      <CardHeader
        title={t("books")}
        description={t("booksHint")}
        aside={<ReconcileButton formId={randomUUID()} />}
      />
      <StatList className="lg:grid-cols-3">
        <Stat
          label={t("reconciledAt")}
          note={t("usersChecked", { count: books?.usersChecked ?? 0 })}
        >
          {books ? <DateTime instant={books.startedAt} /> : t("never")}
        </Stat>
        <Stat label={t("drift")}>{t("driftedUsers", { count: drifted.length })}</Stat>
        <Stat label={t("lastRun")} note={latest && <RunStatusBadge status={latest.run.status} />}>
          {latest ? (
            <Link href="/admin/runs">
              <DateTime instant={latest.run.startedAt} />
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
