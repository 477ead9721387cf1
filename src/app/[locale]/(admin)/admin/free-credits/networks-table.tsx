import { useTranslations } from "next-intl";
import type { NetworkDay } from "@/admin/free-credits";
import { hrefOf } from "@/components/admin/hrefs";
import { Link } from "@/components/link";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { shortHash } from "./short-hash";

/** The sign-ups and gifts of the busiest networks. A network links to what was withheld there. */
export function NetworksTable({
  networks,
  path,
}: {
  networks: readonly NetworkDay[];
  path: string;
}) {
  const t = useTranslations("admin.freeCredits");
  return (
    <Table cards label={t("networks")}>
      <TableHead>
        <tr>
          <TableHeader>{t("day")}</TableHeader>
          <TableHeader>{t("network")}</TableHeader>
          <TableHeader numeric>{t("signUps")}</TableHeader>
          <TableHeader numeric>{t("gifts")}</TableHeader>
        </tr>
      </TableHead>
      <TableBody>
        {networks.map(({ day, networkHash, signUps, gifts }) => (
          <TableRow key={`${day} ${networkHash}`}>
            <TableCell className="tabular-nums">{day}</TableCell>
            <TableCell>
              {networkHash === null ? (
                t("unknownNetwork")
              ) : (
                <Link
                  href={hrefOf(path, { q: networkHash })}
                  className="font-mono text-xs underline underline-offset-4"
                >
                  {shortHash(networkHash)}
                </Link>
              )}
            </TableCell>
            <TableCell numeric>{signUps}</TableCell>
            <TableCell numeric>{gifts}</TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
