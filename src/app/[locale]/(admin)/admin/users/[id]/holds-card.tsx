import { useTranslations } from "next-intl";
import type { listOpenHolds } from "@/admin/users/user";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
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

type Hold = Awaited<ReturnType<typeof listOpenHolds>>[number];

/** Credits set aside right now for work in progress. */
export function HoldsCard({ holds, now }: { holds: readonly Hold[]; now: Date }) {
  const t = useTranslations("admin.user");
  return (
    <Card>
      <CardHeader title={t("holds")} description={t("holdsHint")} />
      {holds.length === 0 ? (
        <p className="text-muted-foreground text-sm">{t("noHolds")}</p>
      ) : (
        <Table label={t("holds")}>
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
