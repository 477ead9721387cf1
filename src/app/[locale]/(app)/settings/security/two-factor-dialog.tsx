"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import { encode } from "uqr";
import { z } from "zod/mini";
import { PasswordInput } from "@/app/[locale]/(auth)/password-input";
import { useAuthForm, useProblemText } from "@/app/[locale]/(auth)/use-auth-form";
import { CodeInput } from "@/app/proof/code-input";
import { useProven } from "@/app/proof/use-proven";
import { type AuthResult, authClient } from "@/auth/client";
import { toast } from "@/components/toast";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";

export type TwoFactorChange = "setUp" | "newCodes" | "turnOff";

interface Codes {
  readonly totpUri: string | null;
  readonly backupCodes: readonly string[];
}

/**
 * Changes two-factor authentication step by step: the password, then for the set-up the QR code and a
 * first code, then the backup codes, which are shown once.
 */
export function TwoFactorDialog({
  change,
  hasPassword,
  email,
  onClose,
}: {
  change: TwoFactorChange;
  hasPassword: boolean;
  email: string;
  onClose: () => void;
}) {
  const t = useTranslations("security.twoFactor");
  const router = useRouter();
  const [codes, setCodes] = useState<Codes | null>(null);
  const [isVerified, setIsVerified] = useState(false);
  const close = () => {
    onClose();
    // The session and the list of devices have changed.
    router.refresh();
  };
  const start = (data: AuthResult["data"]) => {
    if (change !== "turnOff") return setCodes(codesOf(data));
    toast.success(t("turnedOff"));
    close();
  };
  const verify = () => {
    setIsVerified(true);
    toast.success(t("turnedOn"));
  };
  const hasToVerify = codes !== null && codes.totpUri !== null && !isVerified;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && close()}
      title={t(codes === null || hasToVerify ? `${change}Title` : "codesTitle")}
      description={codes === null ? t(`${change}Text`) : hasToVerify ? t("scan") : t("codesText")}
    >
      {codes === null ? (
        <StartForm change={change} hasPassword={hasPassword} onDone={start} />
      ) : hasToVerify ? (
        <VerifyForm totpUri={codes.totpUri ?? ""} onDone={verify} />
      ) : (
        <BackupCodes codes={codes.backupCodes} email={email} onClose={close} />
      )}
    </Dialog>
  );
}

const started = z.object({
  totpURI: z.optional(z.string()),
  backupCodes: z.array(z.string()),
});

function codesOf(data: AuthResult["data"]): Codes {
  const { totpURI, backupCodes } = started.parse(data);
  return { totpUri: totpURI ?? null, backupCodes };
}

/** Asks for the password, which an account without one does not have to enter. */
function StartForm({
  change,
  hasPassword,
  onDone,
}: {
  change: TwoFactorChange;
  hasPassword: boolean;
  onDone: (data: AuthResult["data"]) => void;
}) {
  const t = useTranslations("security.twoFactor");
  const problemText = useProblemText();
  const proven = useProven();
  const { problems, pending, onSubmit } = useAuthForm({
    fields: ["currentPassword"],
    check: ({ currentPassword }) => ({
      currentPassword: hasPassword && currentPassword === "" ? "password_missing" : null,
    }),
    send: ({ currentPassword }) =>
      proven(() => SENDS[change](hasPassword ? { password: currentPassword } : {})),
    onDone: (_, data) => {
      onDone(data);
      return false;
    },
  });
  const isOff = change === "turnOff";
  return (
    <Form onSubmit={onSubmit} problem={problemText(problems.form)}>
      {hasPassword && (
        <Field label={t("password")} error={problemText(problems.currentPassword)} required>
          <PasswordInput name="currentPassword" autoComplete="current-password" />
        </Field>
      )}
      <DialogActions>
        <Button type="submit" variant={isOff ? "destructive" : "primary"} pending={pending}>
          {t(isOff ? "turnOff" : "continue")}
        </Button>
      </DialogActions>
    </Form>
  );
}

const SENDS = {
  setUp: authClient.enableTwoFactor,
  newCodes: authClient.createBackupCodes,
  turnOff: authClient.disableTwoFactor,
};

function VerifyForm({ totpUri, onDone }: { totpUri: string; onDone: () => void }) {
  const t = useTranslations("security.twoFactor");
  const problemText = useProblemText();
  const { problems, pending, onSubmit } = useAuthForm({
    fields: ["code"],
    check: ({ code }) => ({ code: code.trim() === "" ? "code_missing" : null }),
    send: ({ code }) => authClient.verifyCode({ code }),
    onDone: () => {
      onDone();
      return false;
    },
  });
  const key = new URL(totpUri).searchParams.get("secret") ?? "";
  return (
    <Form onSubmit={onSubmit} problem={problemText(problems.form)}>
      <QrCode text={totpUri} label={t("qrCode")} />
      <p className="text-muted-foreground text-sm">
        {t("key")}
        <code className="mt-1 block text-foreground">{inGroups(key)}</code>
      </p>
      <Field label={t("code")} error={problemText(problems.code)} required>
        <CodeInput isBackupCode={false} />
      </Field>
      <DialogActions>
        <Button type="submit" variant="primary" pending={pending}>
          {t("verify")}
        </Button>
      </DialogActions>
    </Form>
  );
}

/** The backup codes. Copied and downloaded in the browser, so that no response contains them again. */
function BackupCodes({
  codes,
  email,
  onClose,
}: {
  codes: readonly string[];
  email: string;
  onClose: () => void;
}) {
  const t = useTranslations("security.twoFactor");
  const file = `${t("fileHeading", { email })}\n\n${codes.join("\n")}\n`;
  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(codes.join("\n"));
    toast.success(t("copied"));
  }
  return (
    <div className="grid gap-4">
      <ul className="grid grid-cols-2 gap-x-6 gap-y-1 rounded-md bg-muted p-4 font-mono text-sm">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <DialogActions>
        <Button onClick={() => void copy()}>{t("copy")}</Button>
        <Button onClick={() => download("qiflow-backup-codes.txt", file)}>{t("download")}</Button>
        <Button variant="primary" onClick={onClose}>
          {t("saved")}
        </Button>
      </DialogActions>
    </div>
  );
}

function Form({
  onSubmit,
  problem,
  children,
}: {
  onSubmit: React.ComponentProps<"form">["onSubmit"];
  problem: string | undefined;
  children: ReactNode;
}) {
  return (
    <form method="post" onSubmit={onSubmit} noValidate className="grid gap-4">
      {problem && <Alert tone="destructive">{problem}</Alert>}
      {children}
    </form>
  );
}

/** Always dark on white with a margin, also in dark mode: many cameras read nothing else. */
function QrCode({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { border: 4 });
  const path = data
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")))
    .join("");
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className="w-48 rounded-md border bg-white"
    >
      <path d={path} fill="black" />
    </svg>
  );
}

function inGroups(key: string): string {
  return key.match(/.{1,4}/g)?.join(" ") ?? key;
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}
