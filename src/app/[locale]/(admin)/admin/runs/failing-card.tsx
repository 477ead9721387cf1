import { randomUUID } from "node:crypto";
import { getTranslations } from "next-intl/server";
import type { Failing } from "@/admin/failing";
import { Identifier } from "@/components/admin/identifier";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import { Link } from "@/components/link";
import { Card, CardHeader } from "@/components/ui/card";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { RetryButton } from "./retry-button";

/** Whom a run could not give what they are owed, why, and a way to try again. */
export async function FailingCard({ failing }: { failing: readonly Failing[] }) {
  const t = await getTranslations("admin.failing");
  if (failing.length === 0) return null;
  return (
    <Card className="mb-8">
      <CardHeader title={t("title")} description={t("description")} />
      <Table label={t("title")}>
        <TableHead>
          <tr>
            <TableHeader>{t("user")}</TableHeader>
            <TableHeader>{t("error")}</TableHeader>
            <TableHeader numeric>{t("credits")}</TableHeader>
            <TableHeader numeric>{t("dueAt")}</TableHeader>
            <TableHeader numeric>{t("act")}</TableHeader>
          </tr>
        </TableHead>
        <TableBody>
          {failing.map(({ userId, email, id, credits, dueAt, lastError }) => (
            <TableRow key={`${userId} ${id}`}>
              <TableCell>
                <Link
                  href={`/admin/users/${encodeURIComponent(userId)}`}
                  className="underline underline-offset-4"
                >
                  {email ?? userId}
                </Link>
                <p>
                  <Identifier>{id}</Identifier>
                </p>
              </TableCell>
              <TableCell className="text-destructive text-xs">{lastError}</TableCell>
              <TableCell numeric>
                <Credits amount={credits} />
              </TableCell>
              <TableCell numeric>{dueAt && <DateTime instant={dueAt} />}</TableCell>
              <TableCell numeric>
                <RetryButton userId={userId} formId={randomUUID()} />
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Card>
  );
}
