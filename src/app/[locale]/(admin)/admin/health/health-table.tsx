import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { catalog } from "@/catalog/catalog";
import { hrefOf } from "@/components/admin/hrefs";
import { useCountText } from "@/components/admin/use-count-text";
import { DateTime } from "@/components/date-time";
import { Link } from "@/components/link";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import type { Health, Problem, Queue } from "@/jobs/health";

interface Check {
  readonly name:
    | "migrations"
    | "run"
    | "tick"
    | "books"
    | "inbox"
    | "outbox"
    | "payments"
    | "withdrawals"
    | "api";
  readonly href: string | null;
  /** Problems that make the check fail. */
  readonly problems: readonly Problem[];
  readonly facts: ReactNode;
}

/** Every check with its state, its facts and a link to where an admin can act. */
export function HealthTable({ health }: { health: Health }) {
  const t = useTranslations("admin.health");
  const countText = useCountText();
  const withdrawals: Check = {
    name: "withdrawals",
    problems: ["withdrawals_overdue"],
    href: hrefOf("/admin/withdrawals", { order: "oldest" }),
    facts: (
      <p>
        {t("overdueWithdrawals", {
          count: health.overdueWithdrawals,
          countText: countText(health.overdueWithdrawals),
        })}
      </p>
    ),
  };
  const checks: readonly Check[] = [
    {
      name: "migrations",
      href: null,
      problems: ["migrations_pending", "functions_outdated"],
      facts: (
        <>
          <p>{t("migrations", { count: health.pendingMigrations })}</p>
          <p>{t("functions", { current: yesOrNo(health.functionsCurrent) })}</p>
        </>
      ),
    },
    {
      name: "run",
      href: "/admin/runs",
      problems: ["daily_run_missed", "distribution_failing"],
      facts: (
        <>
          <Since at={health.lastRun?.finishedAt ?? null} />
          {health.lastRun && <p>{t("failedInLastRun", { count: health.lastRun.failedUsers })}</p>}
          <p>
            {t("failing", {
              count: health.failingUsers,
              countText: countText(health.failingUsers),
            })}
          </p>
        </>
      ),
    },
    {
      name: "tick",
      problems: ["tick_missed"],
      href: null,
      facts: <Since at={health.lastTickAt} />,
    },
    {
      name: "books",
      href: "/admin",
      problems: ["books_drifted", "accounts_frozen", "books_not_reconciled"],
      facts: (
        <>
          <Since at={health.lastReconciledAt} />
          <p>{t("drifted", { count: health.driftedUsers })}</p>
          <p>
            {t("frozen", {
              count: health.frozenAccounts,
              countText: countText(health.frozenAccounts),
            })}
          </p>
        </>
      ),
    },
    {
      name: "inbox",
      problems: ["events_incomplete", "inbox_stuck", "dead_events"],
      href: hrefOf("/admin/events", { status: health.inbox.dead > 0 ? "dead" : "pending" }),
      facts: (
        <>
          <CompleteUntil at={health.eventsCompleteUntilAt} />
          <QueueFacts queue={health.inbox} />
        </>
      ),
    },
    {
      name: "outbox",
      problems: ["outbox_stuck", "dead_outbox"],
      href: hrefOf("/admin/outbox", { status: health.outbox.dead > 0 ? "dead" : "pending" }),
      facts: <QueueFacts queue={health.outbox} />,
    },
    {
      name: "payments",
      problems: ["money_owed"],
      href: hrefOf("/admin/payments", { back: "owed" }),
      facts: (
        <p>
          {t("owed", { count: health.owedPayments, countText: countText(health.owedPayments) })}
        </p>
      ),
    },
    ...(catalog.consumerRights === null ? [] : [withdrawals]),
    {
      name: "api",
      problems: ["credits_unbilled"],
      href: "/admin/keys",
      facts: (
        <>
          {(health.unbilledCaptures > 0 || health.cappedCaptures === 0) && (
            <p>
              {t("unbilled", {
                count: health.unbilledCaptures,
                countText: countText(health.unbilledCaptures),
              })}
            </p>
          )}
          {health.cappedCaptures > 0 && (
            <p>
              {t("capped", {
                count: health.cappedCaptures,
                countText: countText(health.cappedCaptures),
              })}
            </p>
          )}
        </>
      ),
    },
  ];
  return (
    <Card>
      <Table cards label={t("title")}>
        <TableHead>
          <tr>
            <TableHeader>{t("check")}</TableHeader>
            <TableHeader>{t("state")}</TableHeader>
            <TableHeader>{t("facts")}</TableHeader>
          </tr>
        </TableHead>
        <TableBody>
          {checks.map(({ name, href, problems, facts }) => (
            <TableRow key={name}>
              <TableCell className="whitespace-nowrap">
                {href === null ? (
                  t(`checks.${name}`)
                ) : (
                  <Link href={href} className="underline underline-offset-4">
                    {t(`checks.${name}`)}
                  </Link>
                )}
              </TableCell>
              <TableCell>
                {problems.some((problem) => health.problems.includes(problem)) ? (
                  <Badge tone="destructive">{t("bad")}</Badge>
                ) : (
                  <Badge tone="success">{t("good")}</Badge>
                )}
              </TableCell>
              <TableCell>{facts}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Card>
  );
}

function yesOrNo(known: boolean | null) {
  return known === null ? "unknown" : known ? "yes" : "no";
}

function Since({ at }: { at: Date | null }) {
  const t = useTranslations("admin.health");
  return at === null ? t("never") : <DateTime instant={at} />;
}

function CompleteUntil({ at }: { at: Date | null }) {
  const t = useTranslations("admin.health");
  if (at === null) return <p>{t("completeUnknown")}</p>;
  return <p>{t.rich("completeUntil", { instant: () => <DateTime instant={at} /> })}</p>;
}

function QueueFacts({ queue: { pending, waitingSinceAt, dead } }: { queue: Queue }) {
  const t = useTranslations("admin.health");
  const countText = useCountText();
  return (
    <>
      <p>{t("waiting", { count: countText(pending) })}</p>
      {waitingSinceAt && (
        <p>{t.rich("oldest", { instant: () => <DateTime instant={waitingSinceAt} /> })}</p>
      )}
      <p>{t("dead", { count: countText(dead) })}</p>
    </>
  );
}
