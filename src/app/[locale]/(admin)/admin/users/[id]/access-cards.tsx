import { randomUUID } from "node:crypto";
import { useTranslations } from "next-intl";
import type { SignedInDevice } from "@/auth/sessions";
import { ActionButton } from "@/components/admin/action-button";
import { EffectFacts } from "@/components/admin/credit-effect";
import { ReasonDialog } from "@/components/admin/reason-dialog";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import { Alert } from "@/components/ui/alert";
import { Card, CardHeader } from "@/components/ui/card";
import type { Balance } from "@/ledger/reads/balance";
import { deviceName } from "@/lib/device-name";
import { endSession, setBanned, unfreezeAccount } from "./actions";

/** Shows since when and why the account is frozen, and unfreezes it. */
export function FrozenNotice({
  userId,
  frozenAt,
  reason,
  balance,
}: {
  userId: string;
  frozenAt: Date;
  reason: string | null;
  balance: Balance;
}) {
  const t = useTranslations("admin.frozen");
  return (
    <Alert
      tone="warning"
      title={t("title")}
      action={
        <ReasonDialog
          label={t("unfreeze")}
          size="sm"
          title={t("question")}
          description={t("explanation")}
          effect={
            <EffectFacts
              facts={[
                {
                  label: t("canSpend"),
                  value: <Credits amount={Math.max(0, balance.available)} />,
                },
                { label: t("stays"), value: t("balanceStays") },
              ]}
            />
          }
          action={unfreezeAccount}
          input={{ id: randomUUID(), userId }}
        />
      }
    >
      <DateTime instant={frozenAt} />
      {reason && ` · ${reason}`}
    </Alert>
  );
}

/** The devices on which the user is signed in. */
export function DevicesCard({
  userId,
  devices,
}: {
  userId: string;
  devices: readonly SignedInDevice[];
}) {
  const t = useTranslations("admin.devices");
  return (
    <Card>
      <CardHeader title={t("title")} description={t("description")} />
      {devices.length === 0 && <p className="text-muted-foreground text-sm">{t("none")}</p>}
      <ul className="divide-y">
        {devices.map(({ id, userAgent, signedInAt }) => {
          const { browser, system } = deviceName(userAgent);
          const name = [browser ?? t("unknown"), system].filter(Boolean).join(" · ");
          return (
            <li key={id} className="flex items-center justify-between gap-4 py-3 text-sm">
              <span className="grid gap-0.5">
                {name}
                <span className="text-muted-foreground">
                  {t.rich("since", { instant: () => <DateTime instant={signedInAt} /> })}
                </span>
              </span>
              <ActionButton
                size="sm"
                aria-label={t("endOf", { name })}
                action={endSession}
                input={{ id: randomUUID(), userId, sessionId: id }}
                success={t("ended", { name })}
              >
                {t("end")}
              </ActionButton>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

/** Bans the user or lifts the ban. */
export function BanCard({ userId, banned }: { userId: string; banned: boolean }) {
  const t = useTranslations(banned ? "admin.unban" : "admin.ban");
  return (
    <Card>
      <CardHeader
        title={t("title")}
        description={t("description")}
        aside={
          <ReasonDialog
            label={t("act")}
            variant={banned ? "secondary" : "destructive"}
            title={t("question")}
            description={t("description")}
            destructive={!banned}
            action={setBanned}
            input={{ id: randomUUID(), userId, banned: !banned }}
          />
        }
      />
    </Card>
  );
}
