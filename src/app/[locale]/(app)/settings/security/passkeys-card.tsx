import { useTranslations } from "next-intl";
import type { Passkey } from "@/auth/passkeys/stored-passkeys";
import { DateTime } from "@/components/date-time";
import { Badge } from "@/components/ui/badge";
import { Card, CardHeader } from "@/components/ui/card";
import { AddPasskey, RemovePasskey, RenamePasskey } from "./passkey-buttons";

/** The passkeys of the account, with buttons to add, rename and remove them. */
export function PasskeysCard({
  passkeys,
  isOnlyFactor,
}: {
  passkeys: readonly Passkey[];
  /** The user would have no second factor without the passkey. */
  isOnlyFactor: boolean;
}) {
  const t = useTranslations("security.passkeys");
  return (
    <Card>
      <CardHeader title={t("title")} description={t("text")} />
      {passkeys.length > 0 && (
        <ul className="mb-4 divide-y border-y">
          {passkeys.map((passkey) => (
            <PasskeyItem key={passkey.id} passkey={passkey} />
          ))}
        </ul>
      )}
      {isOnlyFactor && <p className="mb-4 text-muted-foreground text-sm">{t("onlyOne")}</p>}
      <AddPasskey />
    </Card>
  );
}

function PasskeyItem({ passkey }: { passkey: Passkey }) {
  const t = useTranslations("security.passkeys");
  const { id, isSynced, createdAt, lastUsedAt } = passkey;
  const name = passkey.name ?? t("unnamed");
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-3 text-sm">
      <span className="grid min-w-0 gap-0.5">
        <span className="flex items-center gap-2">
          <span className="break-words">{name}</span>
          {isSynced && <Badge>{t("synced")}</Badge>}
        </span>
        <span className="text-muted-foreground">
          {t.rich("added", { day: () => <DateTime instant={createdAt} /> })}
          {" · "}
          {lastUsedAt === null
            ? t("never")
            : t.rich("lastUsed", { last: () => <DateTime instant={lastUsedAt} /> })}
        </span>
      </span>
      <span className="flex gap-2">
        <RenamePasskey passkeyId={id} name={name} />
        <RemovePasskey passkeyId={id} name={name} />
      </span>
    </li>
  );
}
