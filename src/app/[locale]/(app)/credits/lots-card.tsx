import { millisecondsInDay } from "date-fns/constants";
import { useTranslations } from "next-intl";
import type { NextMonthlyCredits } from "@/app/[locale]/(app)/next-monthly-credits";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import { Disclosure } from "@/components/disclosure";
import { LotHistory } from "@/components/lot-history";
import { Badge } from "@/components/ui/badge";
import { Card, CardHeader } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { useCreditsText } from "@/components/use-credits-text";
import type { listLots } from "@/ledger/reads/balance";
import type { LotHistory as History } from "@/ledger/reads/lot-history";
import { REMIND_BEFORE_DAYS } from "@/notifications/notice";

type Lot = Awaited<ReturnType<typeof listLots>>[number];

const SOON_MS = REMIND_BEFORE_DAYS * millisecondsInDay;

const NO_LOTS = {
  on: "emptyAllotment",
  onRenewal: "emptyRenewal",
  onFirstPayment: "emptyFirstPayment",
  soon: "emptySoon",
} as const;

/** The lots with a remainder, in burn order. Each expands to its history. */
export function LotsCard({
  lots,
  histories,
  nextMonth,
  now,
}: {
  lots: readonly Lot[];
  histories: ReadonlyMap<number, History>;
  nextMonth: NextMonthlyCredits | null;
  now: Date;
}) {
  const t = useTranslations("credits.lots");
  return (
    <Card>
      <CardHeader title={t("title")} description={t("description")} />
      {lots.length === 0 ? (
        <NoLots nextMonth={nextMonth} />
      ) : (
        <Table label={t("caption")}>
          <TableHead>
            <tr>
              <TableHeader>{t("kind")}</TableHeader>
              <TableHeader className="hidden sm:table-cell">{t("granted")}</TableHeader>
              <TableHeader className="hidden sm:table-cell">{t("expires")}</TableHeader>
              <TableHeader numeric>{t("left")}</TableHeader>
            </tr>
          </TableHead>
          <TableBody>
            {lots.map((lot, place) => (
              <LotRow
                key={lot.seq}
                lot={lot}
                history={histories.get(lot.seq)}
                isNext={place === 0}
                now={now}
              />
            ))}
          </TableBody>
        </Table>
      )}
    </Card>
  );
}

function LotRow({
  lot,
  history,
  isNext,
  now,
}: {
  lot: Lot;
  history: History | undefined;
  isNext: boolean;
  now: Date;
}) {
  const t = useTranslations("credits");
  const credits = useCreditsText();
  return (
    <TableRow>
      <TableCell>
        <Disclosure
          title={
            <>
              {t(`types.${lot.type}.label`)}
              {isNext && <Badge tone="strong">{t("lots.next")}</Badge>}
              <span className="flex w-full flex-wrap items-center gap-x-1.5 gap-y-1 text-muted-foreground text-xs sm:hidden">
                {t("lots.expires")} <Expiry at={lot.expiresAt} now={now} />
              </span>
            </>
          }
        >
          <LotHistory amount={lot.amount} grantedAt={lot.grantedAt} history={history} />
        </Disclosure>
      </TableCell>
      <TableCell className="hidden text-muted-foreground sm:table-cell">
        <DateTime instant={lot.grantedAt} kind="date" />
      </TableCell>
      <TableCell className="hidden sm:table-cell">
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <Expiry at={lot.expiresAt} now={now} />
        </span>
      </TableCell>
      <TableCell numeric>
        <Credits amount={lot.available} className="font-medium" />
        {lot.available !== lot.amount && (
          <span className="block text-muted-foreground text-xs">
            {t("lots.ofAmount", { credits: credits(lot.amount) })}
          </span>
        )}
      </TableCell>
    </TableRow>
  );
}

function Expiry({ at, now }: { at: Date | null; now: Date }) {
  const t = useTranslations("credits.lots");
  if (at === null) return t("never");
  const isSoon = at.getTime() - now.getTime() < SOON_MS;
  return (
    <>
      <DateTime instant={at} kind="date" />
      {isSoon && <Badge tone="warning">{t("soon", { days: REMIND_BEFORE_DAYS })}</Badge>}
    </>
  );
}

function NoLots({ nextMonth }: { nextMonth: NextMonthlyCredits | null }) {
  const t = useTranslations("credits.lots");
  const credits = useCreditsText();
  return (
    <EmptyState title={t("empty")}>
      {nextMonth === null
        ? t("emptyPacks")
        : t.rich(NO_LOTS[nextMonth.how], {
            credits: credits(nextMonth.credits),
            date: () => <DateTime instant={nextMonth.dueAt} kind="date" />,
          })}
    </EmptyState>
  );
}
