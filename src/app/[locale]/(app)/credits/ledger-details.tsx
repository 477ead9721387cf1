import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { DateTime } from "@/components/date-time";
import { Disclosure } from "@/components/disclosure";
import { Link } from "@/components/link";
import { LotHistory } from "@/components/lot-history";
import { Badge } from "@/components/ui/badge";
import { useCreditsText } from "@/components/use-credits-text";
import type { LotHistory as History } from "@/ledger/reads/lot-history";
import type { LedgerEntry } from "@/ledger/reads/search";
import { type Draw, sourceLink } from "./ledger-rows";

/**
 * An entry's name, which unfolds to what it means, which lots it drew on, what it belongs to and, for
 * credits received, where they went.
 */
export function LedgerDetails({
  row,
  draws,
  lot,
}: {
  row: LedgerEntry;
  draws: readonly Draw[];
  /** What became of the lot that the entry made. */
  lot: History | undefined;
}) {
  const t = useTranslations("credits");
  const link = sourceLink(row.source);
  const drawn = draws.filter((draw) => draw.amount > 0);
  const returned = draws.filter((draw) => draw.amount < 0);
  return (
    <Disclosure
      title={
        <>
          {t(`types.${row.type}.label`)}
          {row.bookedAt === null && <Badge>{t("ledger.notBooked")}</Badge>}
        </>
      }
    >
      <div className="grid max-w-lg gap-2 text-muted-foreground">
        <p>{t(`types.${row.type}.explain`)}</p>
        {drawn.length > 0 && <Draws title={t("ledger.drawnFrom")} draws={drawn} />}
        {returned.length > 0 && <Draws title={t("ledger.returnedTo")} draws={returned} />}
        <dl className="grid grid-cols-[auto_1fr] gap-x-4">
          <Fact name={t("ledger.number")}>{row.seq}</Fact>
          <Fact name={t("ledger.date")}>
            {row.bookedAt ? <DateTime instant={row.bookedAt} /> : t("ledger.notBooked")}
          </Fact>
          {row.effectiveAt.getTime() !== row.bookedAt?.getTime() && (
            <Fact name={t("ledger.effective")}>
              <DateTime instant={row.effectiveAt} />
            </Fact>
          )}
          {link !== null && (
            <Fact name={t("ledger.source")}>
              <Link href={link.href} className="text-foreground underline underline-offset-4">
                {link.kind === "reading" ? t("ledger.openReading") : t("ledger.openPayment")}
              </Link>
            </Fact>
          )}
        </dl>
        {lot && <LotHistory amount={row.amount} grantedAt={row.effectiveAt} history={lot} />}
      </div>
    </Disclosure>
  );
}

function Draws({ title, draws }: { title: string; draws: readonly Draw[] }) {
  const t = useTranslations("credits");
  const credits = useCreditsText();
  return (
    <div>
      <p>{title}</p>
      <ul className="text-foreground">
        {draws.map((draw) => (
          <li key={draw.lotSeq}>
            {t.rich("ledger.draw", {
              credits: credits(Math.abs(draw.amount)),
              kind: t(`types.${draw.lotType}.label`),
              granted: () => <DateTime instant={draw.lotGrantedAt} kind="date" />,
            })}
            {draw.lotExpiresAt && <DrawExpiry expiresAt={draw.lotExpiresAt} />}
          </li>
        ))}
      </ul>
    </div>
  );
}

function DrawExpiry({ expiresAt }: { expiresAt: Date }) {
  const t = useTranslations("credits.ledger");
  return (
    <span className="ms-2 text-muted-foreground">
      {t.rich("drawExpires", { date: () => <DateTime instant={expiresAt} kind="date" /> })}
    </span>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="whitespace-nowrap">{name}</dt>
      <dd className="text-foreground tabular-nums">{children}</dd>
    </>
  );
}
