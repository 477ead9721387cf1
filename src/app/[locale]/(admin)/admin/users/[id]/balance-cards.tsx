import { useTranslations } from "next-intl";
import type { listOpenHolds } from "@/admin/users/user";
import { AsOfPicker } from "@/components/admin/as-of-picker";
import { BalanceStats } from "@/components/admin/balance-stats";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import { Disclosure } from "@/components/disclosure";
import { LotHistory } from "@/components/lot-history";
import { Badge } from "@/components/ui/badge";
import { Card, CardHeader } from "@/components/ui/card";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import type { Balance, listLots } from "@/ledger/reads/balance";
import type { LotHistory as History } from "@/ledger/reads/lot-history";

type Lot = Awaited<ReturnType<typeof listLots>>[number];

/** The balance and its lots as of `at`; null means now. */
export function BalanceCard({
  at,
  now,
  balance,
  lots,
  histories,
}: {
  at: Date | null;
  now: Date;
  balance: Balance;
  lots: readonly Lot[];
  histories: ReadonlyMap<number, History>;
}) {
  const t = useTranslations("admin.user");
  return (
    <Card>
      <CardHeader
        title={at === null ? t("balanceNow") : t("balanceAt")}
        description={at && <DateTime instant={at} />}
        aside={<AsOfPicker at={at} now={now} />}
      />
      <BalanceStats balance={balance} className="mb-6" />
      {lots.length === 0 ? (
        <p className="text-muted-foreground text-sm">{t("noLots")}</p>
      ) : (
        <LotsTable lots={lots} histories={histories} />
      )}
    </Card>
  );
}

function LotsTable({
  lots,
  histories,
}: {
  lots: readonly Lot[];
  histories: ReadonlyMap<number, History>;
}) {
  const t = useTranslations("admin.user");
  const types = useTranslations("credits.types");
  return (
    <Table cards label={t("lots")}>
      <TableHead>
        <tr>
          <TableHeader>{t("lot")}</TableHeader>
          <TableHeader>{t("source")}</TableHeader>
          <TableHeader numeric>{t("granted")}</TableHeader>
          <TableHeader numeric>{t("expires")}</TableHeader>
          <TableHeader numeric>{t("amount")}</TableHeader>
          <TableHeader numeric>{t("left")}</TableHeader>
        </tr>
      </TableHead>
      <TableBody>
        {lots.map((lot, index) => (
          <TableRow key={lot.seq}>
            <TableCell className="whitespace-nowrap">
              <Disclosure
                title={
                  <>
                    {t("numbered", { seq: lot.seq, type: types(`${lot.type}.label`) })}
                    {index === 0 && <Badge tone="accent">{t("spentNext")}</Badge>}
                  </>
                }
              >
                <LotHistory
                  amount={lot.amount}
                  grantedAt={lot.grantedAt}
                  history={histories.get(lot.seq)}
                />
              </Disclosure>
            </TableCell>
            <TableCell className="min-w-40 break-all font-mono text-xs">{lot.source}</TableCell>
            <TableCell numeric>
              <DateTime instant={lot.grantedAt} />
            </TableCell>
            <TableCell numeric>
              {lot.expiresAt ? <DateTime instant={lot.expiresAt} /> : t("never")}
            </TableCell>
            <TableCell numeric>
              <Credits amount={lot.amount} />
            </TableCell>
            <TableCell numeric>
              <Credits amount={lot.available} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

type Hold = Awaited<ReturnType<typeof listOpenHolds>>[number];

/** Credits on hold for work in progress. */
export function HoldsCard({ holds, now }: { holds: readonly Hold[]; now: Date }) {
  const t = useTranslations("admin.user");
  return (
    <Card>
      <CardHeader title={t("holds")} description={t("holdsHint")} />
      {holds.length === 0 ? (
        <p className="text-muted-foreground text-sm">{t("noHolds")}</p>
      ) : (
        <Table cards label={t("holds")}>
          <TableHead>
            <tr>
              <TableHeader>{t("source")}</TableHeader>
              <TableHeader numeric>{t("heldAt")}</TableHeader>
              <TableHeader numeric>{t("lapses")}</TableHeader>
              <TableHeader numeric>{t("amount")}</TableHeader>
            </tr>
          </TableHead>
          <TableBody>
            {holds.map((hold) => (
              <TableRow key={hold.key}>
                <TableCell className="min-w-40 break-all font-mono text-xs">
                  {hold.source}
                </TableCell>
                <TableCell numeric>
                  <DateTime instant={hold.heldAt} />
                </TableCell>
                <TableCell numeric>
                  <DateTime instant={hold.expiresAt} />{" "}
                  {hold.expiresAt <= now && <Badge>{t("lapsed")}</Badge>}
                </TableCell>
                <TableCell numeric>
                  <Credits amount={hold.amount} />
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      )}
    </Card>
  );
}
