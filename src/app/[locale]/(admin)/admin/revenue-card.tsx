import { getTranslations } from "next-intl/server";
import { type Period, readRevenue } from "@/admin/overview";
import { Money } from "@/components/money";
import { Card, CardHeader } from "@/components/ui/card";
import { LinkButton } from "@/components/ui/link-button";
import { Stat, StatList } from "@/components/ui/stat";
import { db } from "@/db";

/** What was paid in a period, a currency each; they are never added up. */
export async function RevenueCard({ period }: { period: Period }) {
  const t = await getTranslations("admin.overview");
  const revenues = await readRevenue(db, period);
  const payments = (
    <LinkButton href="/admin/payments" size="sm">
      {t("toPayments")}
    </LinkButton>
  );
  return (
    <Card>
      <CardHeader title={t("revenue")} description={t("revenueHint")} aside={payments} />
      {revenues.length === 0 && <p className="text-muted-foreground text-sm">{t("noRevenue")}</p>}
      {revenues.map(({ currency, amountCents, refundedCents, payments: count }) => (
        <StatList key={currency} className="not-first:mt-6">
          <Stat label={t("net")}>
            <Money amountCents={amountCents - refundedCents} currency={currency} />
          </Stat>
          <Stat label={t("paid")} note={t("payments", { count })}>
            <Money amountCents={amountCents} currency={currency} />
          </Stat>
          <Stat label={t("refunded")}>
            <Money amountCents={refundedCents} currency={currency} />
          </Stat>
        </StatList>
      ))}
    </Card>
  );
}
