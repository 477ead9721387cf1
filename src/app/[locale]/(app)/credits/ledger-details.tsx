import { ChevronRight } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { DateTime } from "@/components/date-time";
import { Link } from "@/components/link";
import { useCreditsText } from "@/components/use-credits-text";
import { type Draw, type LedgerRow, sourceLink } from "./ledger-rows";

/** An entry's name, which unfolds to what it means, which lots it drew on and what it belongs to. */
export function LedgerDetails({ row, draws }: { row: LedgerRow; draws: readonly Draw[] }) {
  const t = useTranslations("credits");
  const link = sourceLink(row.source);
  const drawn = draws.filter((draw) => draw.amount > 0);
  const returned = draws.filter((draw) => draw.amount < 0);
  const booked = row.bookedAt.getTime();
  return (
    <details className="group">
      <summary className="flex list-none items-baseline gap-1.5 [&::-webkit-details-marker]:hidden">
        <ChevronRight
          aria-hidden="true"
          className="size-3.5 shrink-0 translate-y-0.5 text-muted-foreground transition-transform group-open:rotate-90 motion-reduce:transition-none"
        />
        {t(`types.${row.type}.label`)}
      </summary>
      <div className="mt-2 grid max-w-lg gap-2 ps-5 text-muted-foreground">
        <p>{t(`types.${row.type}.explain`)}</p>
        {drawn.length > 0 && <Draws title={t("ledger.drawnFrom")} draws={drawn} />}
        {returned.length > 0 && <Draws title={t("ledger.returnedTo")} draws={returned} />}
        <dl className="grid grid-cols-[auto_1fr] gap-x-4">
          <Fact name={t("ledger.number")}>{row.seq}</Fact>
          <Fact name={t("ledger.date")}>
            <DateTime instant={row.bookedAt} />
          </Fact>
          {row.effectiveAt.getTime() !== booked && (
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
      </div>
    </details>
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
