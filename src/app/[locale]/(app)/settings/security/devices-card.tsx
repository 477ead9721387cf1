import { useTranslations } from "next-intl";
import type { SignedInDevice } from "@/auth/sessions";
import { DateTime } from "@/components/date-time";
import { Badge } from "@/components/ui/badge";
import { Card, CardHeader } from "@/components/ui/card";
import { deviceName } from "@/lib/device-name";
import { SignOutButton, SignOutOthersButton } from "./sign-out-buttons";

/** The devices that are signed in, with buttons to sign each of them out. */
export function DevicesCard({
  devices,
  currentId,
}: {
  devices: readonly SignedInDevice[];
  currentId: string;
}) {
  const t = useTranslations("settings.devices");
  return (
    <Card>
      <CardHeader
        title={t("title")}
        description={t("text")}
        aside={devices.length > 1 && <SignOutOthersButton />}
      />
      <ul className="divide-y border-t">
        {devices.map((device) => {
          const { browser, system } = deviceName(device.userAgent);
          const name = t("name", {
            browser: browser ?? t("unknownBrowser"),
            system: system ?? t("unknownSystem"),
          });
          return (
            <li
              key={device.id}
              className="flex items-center justify-between gap-4 py-3 text-sm last:pb-0"
            >
              <span className="grid gap-0.5">
                {name}
                <span className="text-muted-foreground">
                  {t.rich("since", {
                    day: () => <DateTime instant={device.signedInAt} />,
                    last: () => <DateTime instant={device.lastUsedAt} />,
                  })}
                </span>
              </span>
              {device.id === currentId ? (
                <Badge>{t("this")}</Badge>
              ) : (
                <SignOutButton sessionId={device.id} name={name} />
              )}
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
