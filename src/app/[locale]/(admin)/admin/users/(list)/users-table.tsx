import { useTranslations } from "next-intl";
import type { ListedUser } from "@/admin/users/list-users";
import { ItemName } from "@/components/admin/item-name";
import { UserBadges } from "@/components/admin/status-badges";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import { Link } from "@/components/link";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { useCreditsText } from "@/components/use-credits-text";

export function UsersTable({ users }: { users: readonly ListedUser[] }) {
  const t = useTranslations("admin.users");
  const balance = useTranslations("common.balance");
  const credits = useCreditsText();
  return (
    <Table cards label={t("title")}>
      <TableHead>
        <tr>
          <TableHeader>{t("email")}</TableHeader>
          <TableHeader>{t("name")}</TableHeader>
          <TableHeader>{t("plan")}</TableHeader>
          <TableHeader numeric>{t("balance")}</TableHeader>
          <TableHeader numeric>{t("joined")}</TableHeader>
        </tr>
      </TableHead>
      <TableBody>
        {users.map((user) => (
          <TableRow key={user.id} className="hover:bg-muted/60">
            <TableCell>
              <Link
                href={`/admin/users/${encodeURIComponent(user.id)}`}
                className="font-medium underline decoration-border underline-offset-4 hover:decoration-current"
              >
                {user.email}
              </Link>{" "}
              <UserBadges user={user} />
            </TableCell>
            <TableCell className="min-w-24">{user.name}</TableCell>
            <TableCell className="whitespace-nowrap">
              <ItemName item={user.plan} />
            </TableCell>
            <TableCell numeric>
              <Credits amount={user.available} />
              {user.debt > 0 && (
                <span className="block text-destructive text-xs">
                  {balance("debt", { credits: credits(user.debt) })}
                </span>
              )}
            </TableCell>
            <TableCell numeric>
              <DateTime instant={user.createdAt} kind="date" />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
