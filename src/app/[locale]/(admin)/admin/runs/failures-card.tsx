import { randomUUID } from "node:crypto";
import { useTranslations } from "next-intl";
import type { FailuresPage } from "@/admin/distribution/failures";
import { Identifier } from "@/components/admin/facts";
import { useCountText } from "@/components/admin/use-count-text";
import { DateTime } from "@/components/date-time";
import { Link } from "@/components/link";
import { Card, CardHeader } from "@/components/ui/card";
import { Pagination } from "@/components/ui/pagination";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { RetryButton } from "./retry-button";

/** Users for whom the distribution failed, with the error and a retry button. */
export function FailuresCard({
  failures,
  newerHref,
  olderHref,
}: {
  failures: FailuresPage;
  newerHref: string | null;
  olderHref: string | null;
}) {
  const t = useTranslations("admin.failing");
  const countText = useCountText()(failures.count);
  if (failures.count === 0) return null;
  const title = t("title", { countText });
  return (
    <Card className="mb-8">
      <CardHeader title={title} description={t("description")} />
      <Table cards label={title}>
        <TableHead>
          <tr>
            <TableHeader>{t("user")}</TableHeader>
            <TableHeader>{t("error")}</TableHeader>
            <TableHeader numeric>{t("since")}</TableHeader>
            <TableHeader numeric>{t("act")}</TableHeader>
          </tr>
        </TableHead>
        <TableBody>
          {failures.rows.map(({ userId, email, stage, error, sinceAt }) => (
            <TableRow key={userId}>
              <TableCell className="min-w-48">
                <Link
                  href={`/admin/users/${encodeURIComponent(userId)}`}
                  className="underline underline-offset-4"
                >
                  {email ?? userId}
                </Link>
                <p>
                  <Identifier>{userId}</Identifier>
                </p>
              </TableCell>
              <TableCell className="min-w-40">
                {t(`stages.${stage}`)}
                <p className="text-destructive text-xs">{error}</p>
              </TableCell>
              <TableCell numeric>
                <DateTime instant={sinceAt} />
              </TableCell>
              <TableCell numeric>
                <RetryButton userId={userId} formId={randomUUID()} />
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
      <Pagination newerHref={newerHref} olderHref={olderHref} />
    </Card>
  );
}
