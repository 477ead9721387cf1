import { randomUUID } from "node:crypto";
import { useTranslations } from "next-intl";
import type { WithheldClaim } from "@/admin/free-credits";
import { LoadedCreditEffect } from "@/components/admin/credit-effect";
import { ReasonDialog } from "@/components/admin/reason-dialog";
import { UserLink } from "@/components/admin/user-link";
import { DateTime } from "@/components/date-time";
import { Badge } from "@/components/ui/badge";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { previewWithheld, releaseWithheld } from "./actions";
import { shortHash } from "./short-hash";

/** What was withheld from whom and why, with the button that releases it. */
export function WithheldTable({
  claims,
  emails,
  now,
}: {
  claims: readonly WithheldClaim[];
  emails: ReadonlyMap<string, string>;
  now: Date;
}) {
  const t = useTranslations("admin.freeCredits");
  return (
    <Table cards label={t("title")}>
      <TableHead>
        <tr>
          <TableHeader>{t("signedUp")}</TableHeader>
          <TableHeader>{t("user")}</TableHeader>
          <TableHeader>{t("reason")}</TableHeader>
          <TableHeader>{t("gift")}</TableHeader>
          <TableHeader>{t("months")}</TableHeader>
          <TableHeader>{t("network")}</TableHeader>
          <TableHeader>{t("released")}</TableHeader>
        </tr>
      </TableHead>
      <TableBody>
        {claims.map((claim) => (
          <ClaimRow key={claim.userId} claim={claim} emails={emails} now={now} />
        ))}
      </TableBody>
    </Table>
  );
}

function ClaimRow({
  claim,
  emails,
  now,
}: {
  claim: WithheldClaim;
  emails: ReadonlyMap<string, string>;
  now: Date;
}) {
  const t = useTranslations("admin.freeCredits");
  return (
    <TableRow>
      <TableCell>
        <DateTime instant={claim.claimedAt} />
      </TableCell>
      <TableCell className="min-w-40">
        <UserLink userId={claim.userId} emails={emails} />
      </TableCell>
      <TableCell>{claim.reason && t(`reasons.${claim.reason}`)}</TableCell>
      <TableCell>
        <Granted at={claim.giftAt} />
      </TableCell>
      <TableCell>
        <Granted at={claim.monthsFromAt} />
      </TableCell>
      <TableCell className="font-mono text-xs">
        {claim.networkHash === null ? "–" : shortHash(claim.networkHash)}
      </TableCell>
      <TableCell className="min-w-40">
        <Release claim={claim} emails={emails} now={now} />
      </TableCell>
    </TableRow>
  );
}

function Granted({ at }: { at: Date | null }) {
  const t = useTranslations("admin.freeCredits");
  return at === null ? <Badge tone="warning">{t("withheld")}</Badge> : <DateTime instant={at} />;
}

function Release({
  claim: { userId, giftAt, monthsFromAt, releasedAt, releasedBy, deletedAt },
  emails,
  now,
}: {
  claim: WithheldClaim;
  emails: ReadonlyMap<string, string>;
  now: Date;
}) {
  const t = useTranslations("admin.freeCredits");
  const isWithheld = giftAt === null || monthsFromAt === null || monthsFromAt > now;
  if (deletedAt !== null) return <Badge>{t("deleted")}</Badge>;
  return (
    <div className="grid justify-items-start gap-2">
      {releasedAt && (
        <div>
          <DateTime instant={releasedAt} />
          <div>
            {releasedBy === null ? t("byRule") : <UserLink userId={releasedBy} emails={emails} />}
          </div>
        </div>
      )}
      {isWithheld && (
        <ReasonDialog
          label={t("release")}
          size="sm"
          title={t("releaseQuestion")}
          description={t("releaseExplanation")}
          effect={<LoadedCreditEffect preview={previewWithheld} input={{ userId }} />}
          action={releaseWithheld}
          input={{ id: randomUUID(), userId }}
        />
      )}
    </div>
  );
}
