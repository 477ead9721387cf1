import { useTranslations } from "next-intl";
import { DateTime } from "@/components/date-time";
import { Card, CardHeader } from "@/components/ui/card";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import type { Notice } from "@/notifications/notice";

/** What the app told the person last, and whether they have seen it. */
export function NoticesCard({ notices }: { notices: readonly Notice[] }) {
  const t = useTranslations("admin.notices");
  return (
    <Card>
      <CardHeader title={t("title")} description={t("description")} />
      {notices.length === 0 ? (
        <p className="text-muted-foreground text-sm">{t("none")}</p>
      ) : (
        <Table label={t("title")}>
          <TableHead>
            <tr>
              <TableHeader>{t("kind")}</TableHeader>
              <TableHeader numeric>{t("toldAt")}</TableHeader>
              <TableHeader numeric>{t("readAt")}</TableHeader>
            </tr>
          </TableHead>
          <TableBody>
            {notices.map(({ id, kind, createdAt, readAt }) => (
              <TableRow key={id}>
                <TableCell>{t(`kinds.${kind}`)}</TableCell>
                <TableCell numeric>
                  <DateTime instant={createdAt} />
                </TableCell>
                <TableCell numeric>
                  {readAt === null ? t("unread") : <DateTime instant={readAt} />}
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      )}
    </Card>
  );
}
