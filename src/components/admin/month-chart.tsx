"use client";

import { useLocale } from "next-intl";
import { useId } from "react";
import {
  Bar,
  BarChart,
  CartesianGrid,
  Legend,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { formatCreditAmount, formatInstant, formatMoney } from "@/lib/formats";

/** The unit of the figures; money is in the currency's smallest unit. */
export type Unit =
  | { readonly kind: "credits" | "people" }
  | { readonly kind: "money"; readonly currency: string };

export interface MonthFigures {
  /** `2026-03`, in UTC. */
  readonly month: string;
  /** One figure per series. */
  readonly figures: readonly number[];
}

/** Each series has its own hatching, so that the chart reads without colour. */
const LOOKS = [
  { colour: "var(--wood)", hatching: "" },
  { colour: "var(--fire)", hatching: "M0,6 L6,0" },
  { colour: "var(--earth)", hatching: "M0,3 L6,3" },
  { colour: "var(--water)", hatching: "M3,0 L3,6" },
] as const;

/**
 * A bar chart of up to four series by month, oldest first. A table next to it has the same figures, so
 * the chart is hidden from screen readers and not focusable.
 */
export function MonthChart({
  months,
  series,
  unit,
}: {
  months: readonly MonthFigures[];
  series: readonly string[];
  unit: Unit;
}) {
  const locale = useLocale();
  const patterns = useId();
  const monthName = (month: string) =>
    formatInstant(new Date(`${month}-01T00:00:00Z`), { locale, timeZone: "UTC", style: "month" });
  const figure = (value: number) =>
    unit.kind === "money"
      ? formatMoney(value, unit.currency, locale)
      : formatCreditAmount(value, locale);
  const shown = LOOKS.slice(0, series.length);
  return (
    <div aria-hidden="true" className="mb-6 h-72 text-xs">
      <ResponsiveContainer width="100%" height="100%">
        <BarChart
          accessibilityLayer={false}
          data={[...months]}
          margin={{ top: 8, right: 0, bottom: 0, left: 0 }}
          barGap={1}
        >
          <defs>
            {shown.map(({ colour, hatching }, nth) => (
              <pattern
                key={colour}
                id={`${patterns}${nth}`}
                width="6"
                height="6"
                patternUnits="userSpaceOnUse"
              >
                <rect width="6" height="6" style={{ fill: colour }} />
                <path d={hatching} style={{ stroke: "var(--card)", strokeWidth: 1.5 }} />
              </pattern>
            ))}
          </defs>
          <CartesianGrid vertical={false} stroke="var(--border)" />
          <XAxis dataKey="month" tickLine={false} stroke="var(--muted-foreground)" />
          <YAxis
            width={80}
            allowDecimals={false}
            tickFormatter={figure}
            tickLine={false}
            axisLine={false}
            stroke="var(--muted-foreground)"
          />
          <Tooltip
            cursor={{ fill: "var(--muted)" }}
            contentStyle={{
              background: "var(--popover)",
              border: "1px solid var(--border)",
              borderRadius: "var(--radius-md)",
            }}
            labelFormatter={(label) => monthName(String(label))}
            formatter={(value) => figure(Number(value))}
          />
          <Legend
            itemSorter={null}
            formatter={(name) => <span className="text-foreground">{name}</span>}
          />
          {shown.map(({ colour }, nth) => (
            <Bar
              key={colour}
              dataKey={(row: MonthFigures) => row.figures[nth] ?? 0}
              name={series[nth] ?? ""}
              fill={`url(#${patterns}${nth})`}
              stroke={colour}
              isAnimationActive={false}
            />
          ))}
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}
