import { useTranslations } from "next-intl";
import type { MonthReport } from "@/admin/reports/months";
import { netCents, type Sales } from "@/admin/reports/sales";
import type { MonthMembers } from "@/billing/subscriptions/membership";
import { isPackItem } from "@/catalog/items";
import { LazyMonthChart } from "@/components/admin/lazy-month-chart";

/** Flows by month. The table below shows the same figures. */
export function FlowsChart({ months }: { months: readonly MonthReport[] }) {
  const t = useTranslations("admin.reports");
  return (
    <LazyMonthChart
      unit={{ kind: "credits" }}
      series={[t("granted"), t("spent"), t("expired"), t("takenBack")]}
      months={months.toReversed().map(({ month, flows }) => ({
        month,
        figures: [
          flows.granted + flows.added,
          flows.spent,
          flows.expired,
          flows.revoked + flows.deducted,
        ],
      }))}
    />
  );
}

/** Net revenue from plans and packs by month, one chart per currency. */
export function SalesCharts({
  sales,
  months,
}: {
  sales: readonly Sales[];
  months: readonly MonthReport[];
}) {
  const t = useTranslations("admin.reports");
  const currencies = [...new Set(sales.map(({ currency }) => currency))];
  const sum = (sold: readonly Sales[]) => sold.reduce((cents, row) => cents + netCents(row), 0);
  return currencies.map((currency) => (
    <LazyMonthChart
      key={currency}
      unit={{ kind: "money", currency }}
      series={[t("plans"), t("packs")]}
      months={months.toReversed().map(({ month }) => {
        const sold = sales.filter((row) => row.month === month && row.currency === currency);
        const isPack = ({ item }: Sales) => isPackItem(item);
        return {
          month,
          figures: [sum(sold.filter((row) => !isPack(row))), sum(sold.filter(isPack))],
        };
      })}
    />
  ));
}

/** Members and new members by month. */
export function MembersChart({ members }: { members: readonly MonthMembers[] }) {
  const t = useTranslations("admin.reports");
  if (members.length === 0) return null;
  return (
    <LazyMonthChart
      unit={{ kind: "people" }}
      series={[t("members"), t("newMembers")]}
      months={members.toReversed().map((row) => ({
        month: row.month,
        figures: [row.members, row.newMembers],
      }))}
    />
  );
}
