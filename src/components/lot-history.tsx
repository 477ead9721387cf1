import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { LotHistory as History, LotPart } from "@/ledger/reads/lot-history";
import { Credits } from "./credits";
import { DateTime } from "./date-time";

/** The movements of a lot, from its first amount to its remainder. The figures add up. */
export function LotHistory({
  amount,
  grantedAt,
  history,
}: {
  amount: number;
  grantedAt: Date;
  /** Undefined for an untouched lot. */
  history: History | undefined;
}) {
  const t = useTranslations("credits.lots.history");
  const { parts = [], older = { count: 0, amount: 0 } } = history ?? {};
  const gone = parts.reduce((sum, part) => sum + part.amount, older.amount);
  return (
    <dl className="grid max-w-md grid-cols-[minmax(0,1fr)_auto] gap-x-6 gap-y-1 text-muted-foreground text-xs">
      <Line name={t("received")} at={grantedAt}>
        <Credits amount={amount} signed />
      </Line>
      {older.count > 0 && (
        <Line name={t("older", { count: older.count })}>
          <Credits amount={-older.amount} signed />
        </Line>
      )}
      {parts.toReversed().map((part) => (
        <Line key={keyOf(part)} name={<PartName part={part} />} at={part.at}>
          <Credits amount={-part.amount} signed />
        </Line>
      ))}
      <Line name={t("left")}>
        <Credits amount={amount - gone} className="font-medium text-foreground" />
      </Line>
    </dl>
  );
}

function PartName({ part: { what, seq, booked } }: { part: LotPart }) {
  const t = useTranslations("credits");
  const isTransaction = what !== "HELD" && what !== "SETTLED";
  return (
    <>
      {isTransaction ? t(`types.${what}.label`) : t(`lots.history.${what}`)}
      {booked && seq !== null && ` · ${t("lots.history.entry", { seq })}`}
      {!booked && ` · ${t("ledger.notBooked")}`}
    </>
  );
}

function Line({ name, at, children }: { name: ReactNode; at?: Date; children: ReactNode }) {
  return (
    <>
      <dt>
        {name}
        {at && (
          <>
            {" · "}
            <DateTime instant={at} kind="date" />
          </>
        )}
      </dt>
      <dd className="text-end">{children}</dd>
    </>
  );
}

/** A transaction draws on a lot once, but two settlements of one instant can differ in `source` alone. */
function keyOf({ what, seq, source, at, amount }: LotPart): string {
  return [what, seq, source, at.getTime(), amount].join(" ");
}
