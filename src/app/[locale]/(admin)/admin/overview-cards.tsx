import { getTranslations } from "next-intl/server";
import type { OverviewReads } from "@/admin/reports/overview";
import { netCents } from "@/admin/reports/sales";
import { ActionButton } from "@/components/admin/action-button";
import { hrefOf } from "@/components/admin/hrefs";
import { useCountText } from "@/components/admin/use-count-text";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import { Link } from "@/components/link";
import { Money } from "@/components/money";
import { Card, CardHeader } from "@/components/ui/card";
import { cn } from "@/components/ui/cn";
import { LinkButton } from "@/components/ui/link-button";
import { Stat, StatList } from "@/components/ui/stat";
import { FLOWS } from "@/ledger/reports/flows";
import { countOutstanding } from "./actions";

/** The outstanding credits of all users: now or, on a large site, as last counted. */
export async function OutstandingCard({
  read,
  at,
}: {
  read: OverviewReads["outstanding"];
  at: Date;
}) {
  const t = await getTranslations("admin.overview");
  const { available, held, debt, countedAt } = await read();
  const isCounted = countedAt < at;
  return (
    <Card>
      <CardHeader
        title={t("outstanding")}
        description={t.rich("outstandingHint", { instant: () => <DateTime instant={countedAt} /> })}
        aside={
          isCounted && (
            <ActionButton size="sm" action={countOutstanding} input={undefined}>
              {t("countNow")}
            </ActionButton>
          )
        }
      />
      <StatList>
        <Stat label={t("available")}>
          <Credits amount={available} />
        </Stat>
        <Stat label={t("held")}>
          <Credits amount={held} />
        </Stat>
        <Stat label={t("debt")}>
          <Credits amount={debt} />
        </Stat>
      </StatList>
    </Card>
  );
}

/** Credits by kind of flow in a period. */
export async function FlowsCard({ read }: { read: OverviewReads["flows"] }) {
  const t = await getTranslations("admin.overview");
  const flows = await read();
  const reports = (
    <LinkButton href="/admin/reports" size="sm">
      {t("toReports")}
    </LinkButton>
  );
  return (
    <Card>
      <CardHeader title={t("flows")} description={t("flowsHint")} aside={reports} />
      <StatList className="lg:grid-cols-3">
        {FLOWS.map((flow) => (
          <Stat key={flow} label={t(flow)}>
            <Credits amount={flows[flow]} />
          </Stat>
        ))}
      </StatList>
    </Card>
  );
}

/** Payments of a period by currency. Currencies are never summed. */
export async function RevenueCard({ read }: { read: OverviewReads["revenue"] }) {
  const t = await getTranslations("admin.overview");
  const revenues = await read();
  const payments = (
    <LinkButton href="/admin/payments" size="sm">
      {t("toPayments")}
    </LinkButton>
  );
  return (
    <Card>
      <CardHeader title={t("revenue")} description={t("revenueHint")} aside={payments} />
      {revenues.length === 0 && <p className="text-muted-foreground text-sm">{t("noRevenue")}</p>}
      {revenues.map(({ currency, payments: count, ...paid }) => (
        <StatList key={currency} className="not-first:mt-6">
          <Stat label={t("net")}>
            <Money amountCents={netCents(paid)} currency={currency} />
          </Stat>
          <Stat label={t("paid")} note={t("payments", { count })}>
            <Money amountCents={paid.amountCents} currency={currency} />
          </Stat>
          <Stat label={t("refunded")}>
            <Money amountCents={paid.refundedCents} currency={currency} />
          </Stat>
          <Stat label={t("disputed")}>
            <Money amountCents={paid.disputedCents} currency={currency} />
          </Stat>
        </StatList>
      ))}
    </Card>
  );
}

const HREFS = {
  deadEvents: hrefOf("/admin/events", { status: "dead" }),
  pendingEvents: hrefOf("/admin/events", { status: "pending" }),
  deadOutbox: hrefOf("/admin/outbox", { status: "dead" }),
  pendingEmails: hrefOf("/admin/outbox", { kind: "email", status: "pending" }),
  pendingCalls: hrefOf("/admin/outbox", { kind: "stripe", status: "pending" }),
} as const;
const QUEUES = [
  "deadEvents",
  "deadOutbox",
  "pendingEvents",
  "pendingEmails",
  "pendingCalls",
] as const;

/** Pending and dead entries of the inbox and the outbox. */
export async function QueuesCard({ read }: { read: OverviewReads["queues"] }) {
  const t = await getTranslations("admin.overview");
  const queues = await read();
  return (
    <Card>
      <CardHeader title={t("queues")} description={t("queuesHint")} />
      <StatList columns="lg:grid-cols-5">
        {QUEUES.map((name) => (
          <Stat key={name} label={t(name)}>
            <Link
              href={HREFS[name]}
              className={cn(
                "underline decoration-border underline-offset-4 hover:decoration-current",
                name.startsWith("dead") && queues[name] > 0 && "text-destructive",
              )}
            >
              <CountText count={queues[name]} />
            </Link>
          </Stat>
        ))}
      </StatList>
    </Card>
  );
}

/** A component, because an async component cannot call a hook. */
function CountText({ count }: { count: number }) {
  return useCountText()(count);
}
