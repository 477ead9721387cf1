"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { CodeInput } from "@/app/proof/code-input";
import { authClient } from "@/auth/client";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Field } from "@/components/ui/field";
import { useAuthForm, useProblemText } from "../use-auth-form";

/** The second step of a sign-in: a code of the authenticator app, or a backup code. */
export function SecondStep({ onDone, onBack }: { onDone: () => void; onBack: () => void }) {
  const t = useTranslations("auth.secondStep");
  const problemText = useProblemText();
  const [isBackupCode, setIsBackupCode] = useState(false);
  const [trustDevice, setTrustDevice] = useState(false);
  const { problems, pending, onSubmit } = useAuthForm({
    fields: ["code"],
    check: ({ code }) => ({ code: code.trim() === "" ? "code_missing" : null }),
    send: ({ code }) => {
      const step = { code, trustDevice };
      return isBackupCode ? authClient.verifyBackupCode(step) : authClient.verifyCode(step);
    },
    onDone: () => {
      onDone();
      return true;
    },
  });
  return (
    <form method="post" onSubmit={onSubmit} noValidate className="grid gap-5">
      <p className="text-muted-foreground text-sm">{t(isBackupCode ? "backupText" : "text")}</p>
      {problems.form && (
        <Alert
          tone="destructive"
          action={
            <Button size="sm" onClick={onBack}>
              {t("back")}
            </Button>
          }
        >
          {problemText(problems.form)}
        </Alert>
      )}
      <Field
        key={String(isBackupCode)}
        label={t(isBackupCode ? "backupCode" : "code")}
        error={problemText(problems.code)}
        required
      >
        <CodeInput isBackupCode={isBackupCode} />
      </Field>
      <Checkbox
        label={t("trust")}
        checked={trustDevice}
        onCheckedChange={(isChecked) => setTrustDevice(isChecked)}
      />
      <Button type="submit" variant="primary" pending={pending}>
        {t("submit")}
      </Button>
      <Button
        variant="link"
        className="justify-self-center"
        onClick={() => setIsBackupCode(!isBackupCode)}
      >
        {t(isBackupCode ? "useApp" : "useBackupCode")}
      </Button>
    </form>
  );
}
