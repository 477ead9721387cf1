"use client";

import { useLocale, useTranslations } from "next-intl";
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
import { formatCreditAmount } from "@/lib/format-credits";
import { formatInstant } from "@/lib/format-instant";

export interface MonthFlows {
  /** `2026-03`, in UTC. */
  readonly month: string;
  readonly granted: number;
  readonly spent: number;
  readonly expired: number;
  readonly takenBack: number;
}

/** Each has a hatching of its own, which tells them apart without colour; full colour has none. */
const SERIES = [
  { key: "granted", colour: "var(--wood)", hatching: "" },
  { key: "spent", colour: "var(--fire)", hatching: "M0,6 L6,0" },
  { key: "expired", colour: "var(--earth)", hatching: "M0,3 L6,3" },
  { key: "takenBack", colour: "var(--water)", hatching: "M3,0 L3,6" },
] as const;

/**
 * Credits granted, spent, expired and taken back, month by month. The table below says the same, so
 * the chart is hidden from screen readers and must not be a stop of the keyboard.
 */
export function FlowsChart({ months }: { months: readonly MonthFlows[] }) {
  const t = useTranslations("admin.overview");
  const locale = useLocale();
  const monthName = (month: string) =>
    formatInstant(new Date(`${month}-01T00:00:00Z`), { locale, timeZone: "UTC", style: "month" });
  const figure = (credits: number) => formatCreditAmount(credits, locale);
  return (
    <div aria-hidden="true" className="h-72 text-xs">
      <ResponsiveContainer width="100%" height="100%">
        <BarChart
          accessibilityLayer={false}
          data={[...months]}
          margin={{ top: 8, right: 0, bottom: 0, left: 0 }}
          barGap={1}
        >
          <defs>
            {SERIES.map(({ key, colour, hatching }) => (
              <pattern
                key={key}
                id={`flow-${key}`}
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
            width={64}
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
          {SERIES.map(({ key, colour }) => (
            <Bar
              key={key}
              dataKey={key}
              name={t(key)}
              fill={`url(#flow-${key})`}
              stroke={colour}
              isAnimationActive={false}
            />
          ))}
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}
