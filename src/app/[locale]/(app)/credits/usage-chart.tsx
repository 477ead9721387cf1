"use client";

import { useLocale, useTranslations } from "next-intl";
import {
  Bar,
  BarChart,
  CartesianGrid,
  Legend,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { useCreditsText } from "@/components/use-credits-text";
import type { MonthFlows } from "@/ledger/reports/flows";
import { FORMAT_LOCALES, formatInstant, type InstantStyle } from "@/lib/formats";
import type { Locale } from "@/lib/locales";

/** Each series has its own hatching, so that it can be distinguished without colour. */
const SERIES = [
  { key: "received", colour: "var(--wood)", hatching: "" },
  { key: "used", colour: "var(--fire)", hatching: "M0,6 L6,0" },
  { key: "expired", colour: "var(--earth)", hatching: "M0,3 L6,3" },
  { key: "takenBack", colour: "var(--water)", hatching: "M3,0 L3,6" },
] as const;

/** Received credits are above the zero line, all others below. Screen readers get the table instead. */
export function UsageChart({ months }: { months: readonly MonthFlows[] }) {
  const t = useTranslations("credits.usage");
  const locale = useLocale();
  const credits = useCreditsText();
  const axis = new Intl.NumberFormat(FORMAT_LOCALES[locale], {
    notation: "compact",
    maximumFractionDigits: 2,
  });
  const bars = months.map(({ month, received, used, expired, takenBack }) => ({
    month,
    received,
    used: -used,
    expired: -expired,
    takenBack: -takenBack,
  }));
  const shown = SERIES.filter(({ key }) => key === "used" || bars.some((bar) => bar[key] !== 0));
  return (
    <div aria-hidden="true" className="h-64 text-xs">
      <ResponsiveContainer width="100%" height="100%">
        <BarChart
          data={bars}
          stackOffset="sign"
          margin={{ top: 8, right: 0, bottom: 0, left: 0 }}
          accessibilityLayer={false}
        >
          <defs>
            {SERIES.map(({ key, colour, hatching }) => (
              <pattern
                key={key}
                id={`usage-${key}`}
                width={6}
                height={6}
                patternUnits="userSpaceOnUse"
              >
                <rect width="6" height="6" style={{ fill: colour }} />
                <path d={hatching} style={{ stroke: "var(--card)", strokeWidth: 1.5 }} />
              </pattern>
            ))}
          </defs>
          <CartesianGrid vertical={false} stroke="var(--border)" />
          <XAxis
            dataKey="month"
            tickFormatter={(month: string) => tickName(month, locale)}
            tickLine={false}
            stroke="var(--muted-foreground)"
          />
          <YAxis
            width={56}
            allowDecimals={false}
            tickFormatter={(amount: number) => axis.format(Math.abs(amount))}
            tickLine={false}
            axisLine={false}
            stroke="var(--muted-foreground)"
          />
          <ReferenceLine y={0} stroke="var(--foreground)" />
          <Tooltip
            cursor={{ fill: "var(--muted)" }}
            contentStyle={{
              background: "var(--popover)",
              border: "1px solid var(--border)",
              borderRadius: "var(--radius-md)",
            }}
            itemStyle={{ color: "var(--foreground)" }}
            labelFormatter={(month) => nameOf(String(month), { locale, style: "month" })}
            formatter={(amount) => credits(Math.abs(Number(amount)))}
          />
          <Legend
            itemSorter={null}
            formatter={(name) => <span className="text-foreground">{name}</span>}
          />
          {shown.map(({ key, colour }) => (
            <Bar
              key={key}
              dataKey={key}
              stackId="month"
              name={t(key)}
              maxBarSize={40}
              fill={`url(#usage-${key})`}
              stroke={colour}
              isAnimationActive={false}
            />
          ))}
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}

/** January shows the year instead of the month. */
function tickName(month: string, locale: Locale): string {
  return nameOf(month, { locale, style: month.endsWith("-01") ? "year" : "short-month" });
}

function nameOf(month: string, how: { locale: Locale; style: InstantStyle }): string {
  return formatInstant(new Date(`${month}-01T00:00:00Z`), { timeZone: "UTC", ...how });
}
