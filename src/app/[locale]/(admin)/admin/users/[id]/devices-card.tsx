import { randomUUID } from "node:crypto";
import { useTranslations } from "next-intl";
import type { SignedInDevice } from "@/auth/sessions";
import { DateTime } from "@/components/date-time";
import { Card, CardHeader } from "@/components/ui/card";
import { deviceName } from "@/lib/device-name";
import { EndSessionButton } from "./end-session-button";

/** Where the person is signed in, each with a way to end it. */
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
              <EndSessionButton userId={userId} sessionId={id} name={name} formId={randomUUID()} />
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
