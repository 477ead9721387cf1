import { useTranslations } from "next-intl";
import type { SignInEvent } from "@/auth/sign-in-events";
import { DateTime } from "@/components/date-time";
import { Card, CardHeader } from "@/components/ui/card";

/** The user's last sign-ins and changes of their credentials. */
export function ActivityCard({ events }: { events: readonly SignInEvent[] }) {
  const t = useTranslations("security.log");
  return (
    <Card>
      <CardHeader title={t("title")} description={t("text")} />
      {events.length === 0 && <p className="text-muted-foreground text-sm">{t("none")}</p>}
      <ul className="divide-y border-t">
        {events.map(({ id, kind, browser, system, network, at }) => {
          const device = t("device", {
            browser: browser ?? t("unknownBrowser"),
            system: system ?? t("unknownSystem"),
          });
          const hasDevice = browser !== null || system !== null;
          return (
            <li key={id} className="grid gap-0.5 py-3 text-sm last:pb-0">
              {t(`kinds.${kind}`)}
              <span className="text-muted-foreground">
                <DateTime instant={at} />
                {/* A line ends with the dot and never begins with it. */}
                {hasDevice && `\u00a0· ${device}`}
                {network && `\u00a0· ${network}`}
              </span>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
