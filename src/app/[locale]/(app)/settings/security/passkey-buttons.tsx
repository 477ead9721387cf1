"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import type { ProblemCode } from "@/app/[locale]/(auth)/auth-problem";
import { useAuthForm, useProblemText } from "@/app/[locale]/(auth)/use-auth-form";
import { useProven } from "@/app/proof/use-proven";
import { type AuthResult, authClient } from "@/auth/client";
import { nameProblem } from "@/auth/field-problems";
import { toast } from "@/components/toast";
import { Alert } from "@/components/ui/alert";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useServerAction } from "@/components/use-server-action";
import { deviceName } from "@/lib/device-name";
import { removeMyPasskey, renameMyPasskey } from "../actions";

/** Creates a passkey on this device, after its name. */
export function AddPasskey() {
  const t = useTranslations("security.passkeys");
  const router = useRouter();
  const proven = useProven();
  const [open, setOpen] = useState(false);
  /** Such as "Chrome on macOS". */
  function defaultName(): string {
    const { browser, system } = deviceName(navigator.userAgent);
    return browser && system ? t("defaultName", { browser, system }) : t("unnamed");
  }
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      trigger={<Button className="justify-self-start">{t("add")}</Button>}
      title={t("addTitle")}
      description={t("addText")}
    >
      <NameForm
        label={t("continue")}
        defaultName={defaultName}
        send={(name) => proven(() => authClient.addPasskey({ name }))}
        onDone={() => {
          setOpen(false);
          toast.success(t("addedDone"));
          router.refresh();
        }}
      />
    </Dialog>
  );
}

export function RenamePasskey({ passkeyId, name }: { passkeyId: string; name: string }) {
  const t = useTranslations("security.passkeys");
  const { run } = useServerAction();
  const [open, setOpen] = useState(false);
  async function rename(newName: string): Promise<AuthResult> {
    const { failure } = await run((renderedFor) =>
      renameMyPasskey(renderedFor, { passkeyId, name: newName }),
    );
    if (failure === null) return { data: null, error: null };
    return { data: null, error: { status: 400, code: failure.code, retryAfterSeconds: null } };
  }
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button size="sm" aria-label={t("renameNamed", { name })}>
          {t("rename")}
        </Button>
      }
      title={t("renameTitle")}
    >
      <NameForm
        label={t("save")}
        defaultName={() => name}
        send={rename}
        onDone={() => {
          setOpen(false);
          toast.success(t("renamed"));
        }}
      />
    </Dialog>
  );
}

export function RemovePasskey({ passkeyId, name }: { passkeyId: string; name: string }) {
  const t = useTranslations("security.passkeys");
  const { run, showFailure } = useServerAction();
  async function remove(): Promise<void> {
    const { failure } = await run((renderedFor) => removeMyPasskey(renderedFor, { passkeyId }));
    if (failure === null) toast.success(t("removed"));
    else showFailure(failure);
  }
  return (
    <AlertDialog
      trigger={
        <Button size="sm" aria-label={t("removeNamed", { name })}>
          {t("remove")}
        </Button>
      }
      title={t("removeTitle")}
      description={t("removeText", { name })}
      confirmLabel={t("remove")}
      destructive
      onConfirm={remove}
    />
  );
}

function NameForm({
  label,
  defaultName,
  send,
  onDone,
}: {
  label: string;
  defaultName: () => string;
  send: (name: string) => Promise<AuthResult>;
  onDone: () => void;
}) {
  const t = useTranslations("security.passkeys");
  const problemText = useProblemText();
  const { problems, pending, onSubmit } = useAuthForm({
    fields: ["name"],
    check: ({ name }) => ({ name: problemOf(name) }),
    send: ({ name }) => send(name.trim()),
    onDone: () => {
      onDone();
      return false;
    },
  });
  return (
    <form method="post" onSubmit={onSubmit} noValidate className="grid gap-4">
      {problems.form && <Alert tone="destructive">{problemText(problems.form)}</Alert>}
      <Field label={t("name")} hint={t("nameHint")} error={problemText(problems.name)} required>
        <Input name="name" defaultValue={defaultName()} autoComplete="off" maxLength={80} />
      </Field>
      <DialogActions>
        <Button type="submit" variant="primary" pending={pending}>
          {label}
        </Button>
      </DialogActions>
    </form>
  );
}

function problemOf(name: string): ProblemCode | null {
  const problem = nameProblem(name);
  return problem === "name_missing" ? "passkey_name_missing" : problem;
}
