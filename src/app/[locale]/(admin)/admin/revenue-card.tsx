import { getTranslations } from "next-intl/server";
import type { OverviewReads } from "@/admin/reports/overview";
import { netCents } from "@/admin/reports/sales";
import { Money } from "@/components/money";
import { Card, CardHeader } from "@/components/ui/card";
import { LinkButton } from "@/components/ui/link-button";
import { Stat, StatList } from "@/components/ui/stat";

/** What was paid in a period, a currency each; they are never added up. */
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
