"use client";

import { useTranslations } from "next-intl";
import { useId, useState } from "react";
import { Card, CardHeader } from "@/components/ui/card";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import { useCreditsText } from "@/components/use-credits-text";
import { useServerAction } from "@/components/use-server-action";
import { REMIND_BEFORE_DAYS } from "@/notifications/notice";
import type { Preferences } from "@/notifications/preferences";
import { saveNoticePreferences } from "./actions";

type Preference = Exclude<keyof Preferences, "lowBalanceThreshold">;

const KINDS = [
  { kind: "expiring", byEmail: "expiringByEmail", inApp: "expiringInApp" },
  { kind: "lowBalance", byEmail: "lowBalanceByEmail", inApp: "lowBalanceInApp" },
] as const;

/** The optional notices. A choice takes effect immediately and returns if saving fails. */
export function NoticesCard({
  preferences,
  threshold,
  thresholds,
}: {
  preferences: Preferences;
  /** The balance below which the user is notified, in credits. */
  threshold: number;
  /** The choices, in credits. */
  thresholds: readonly number[];
}) {
  const t = useTranslations("notifications.settings");
  const { run, showFailure } = useServerAction();
  const [chosen, setChosen] = useState(preferences);

  async function toggle(preference: Preference, isOn: boolean): Promise<void> {
    setChosen((before) => ({ ...before, [preference]: isOn }));
    const { failure } = await run((renderedFor) =>
      saveNoticePreferences(renderedFor, { [preference]: isOn }),
    );
    if (failure === null) return;
    setChosen((before) => ({ ...before, [preference]: !isOn }));
    showFailure(failure);
  }

  return (
    <Card id="notices" className="scroll-mt-32">
      <CardHeader title={t("title")} description={t("always")} />
      <div className="grid gap-6">
        {KINDS.map(({ kind, byEmail, inApp }) => (
          <KindOfNotice
            key={kind}
            title={t(`${kind}.title`)}
            text={t(`${kind}.text`, { days: REMIND_BEFORE_DAYS })}
          >
            {[byEmail, inApp].map((preference) => (
              <Switch
                key={preference}
                label={t(preference === byEmail ? "byEmail" : "inApp")}
                checked={chosen[preference]}
                onCheckedChange={(isOn: boolean) => void toggle(preference, isOn)}
              />
            ))}
            {kind === "lowBalance" && <Threshold current={threshold} choices={thresholds} />}
          </KindOfNotice>
        ))}
      </div>
    </Card>
  );
}

function Threshold({ current, choices }: { current: number; choices: readonly number[] }) {
  const t = useTranslations("notifications.settings.lowBalance");
  const credits = useCreditsText();
  const { run, showFailure } = useServerAction();
  const [chosen, setChosen] = useState(current);
  async function choose(next: number): Promise<void> {
    setChosen(next);
    const { failure } = await run((renderedFor) =>
      saveNoticePreferences(renderedFor, { lowBalanceThreshold: next }),
    );
    if (failure === null) return;
    setChosen(chosen);
    showFailure(failure);
  }
  return (
    <Field label={t("threshold")} className="max-w-60">
      <Select
        value={String(chosen)}
        onValueChange={(value) => void choose(Number(value))}
        options={[...new Set([...choices, current])]
          .sort((a, b) => a - b)
          .map((amount) => ({
            value: String(amount),
            label: t("below", { credits: credits(amount) }),
          }))}
      />
    </Field>
  );
}

function KindOfNotice({
  title,
  text,
  children,
}: {
  title: string;
  text: string;
  children: React.ReactNode;
}) {
  const id = useId();
  return (
    <fieldset aria-describedby={id} className="grid gap-3">
      <legend className="font-medium text-sm">{title}</legend>
      <p id={id} className="text-muted-foreground text-sm">
        {text}
      </p>
      {children}
    </fieldset>
  );
}
