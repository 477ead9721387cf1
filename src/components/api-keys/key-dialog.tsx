"use client";

import { Copy } from "lucide-react";
import { useTranslations } from "next-intl";
import { type FormEvent, type ReactElement, type ReactNode, useState, useTransition } from "react";
import { toast } from "@/components/toast";
import type { RenderedFor } from "@/lib/rendered-for";
import type { ActionFailure, ActionResult } from "../call-action";
import { FailureAlert } from "../failure-alert";
import { Alert } from "../ui/alert";
import { Button } from "../ui/button";
import { Dialog, DialogActions, DialogClose } from "../ui/dialog";
import { useServerAction } from "../use-server-action";

/**
 * A dialog with a form that runs an action. If the action makes a key, the dialog then shows it, for
 * the only time.
 */
export function KeyDialog({
  trigger,
  title,
  description,
  submitLabel,
  destructive = false,
  secret: kind = "key",
  invalidText,
  run: act,
  children,
}: {
  trigger: ReactElement;
  title: string;
  description: string;
  submitLabel: string;
  destructive?: boolean;
  /** What the action makes: a key, or the secret that signs events. */
  secret?: "key" | "signing";
  /** What to correct if the action refuses the input. */
  invalidText?: string;
  run: (renderedFor: RenderedFor, form: FormData) => Promise<ActionResult<unknown>>;
  children?: ReactNode;
}) {
  const t = useTranslations("apiKeys");
  const common = useTranslations("common.actions");
  const { run } = useServerAction();
  const [open, setOpen] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [failure, setFailure] = useState<ActionFailure | null>(null);
  const [pending, startTransition] = useTransition();

  function changeOpen(next: boolean): void {
    setOpen(next);
    if (next) return;
    setSecret(null);
    setFailure(null);
  }

  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    startTransition(async () => {
      const { data, failure: failed } = await run((renderedFor) => act(renderedFor, form));
      setFailure(failed);
      if (failed !== null) return;
      const key = secretOf(data);
      if (key === null) changeOpen(false);
      else setSecret(key);
    });
  }

  return (
    <Dialog
      trigger={trigger}
      open={open}
      onOpenChange={changeOpen}
      title={secret === null ? title : t(kind === "key" ? "secretTitle" : "endpoints.secretTitle")}
      description={secret === null ? description : t("secretText")}
    >
      {secret === null ? (
        <form onSubmit={submit} className="grid gap-4">
          {children}
          {failure && (
            <FailureAlert
              failure={failure}
              text={
                failure.code === "invalid_input" && invalidText !== undefined
                  ? invalidText
                  : failure.text
              }
            />
          )}
          <DialogActions>
            <DialogClose render={<Button>{common("cancel")}</Button>} />
            <Button
              type="submit"
              variant={destructive ? "destructive" : "primary"}
              pending={pending}
            >
              {submitLabel}
            </Button>
          </DialogActions>
        </form>
      ) : (
        <Secret secret={secret} kind={kind} />
      )}
    </Dialog>
  );
}

function Secret({ secret, kind }: { secret: string; kind: "key" | "signing" }) {
  const t = useTranslations("apiKeys");
  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(secret);
    toast.success(t("copied"));
  }
  return (
    <div className="grid gap-4">
      <Alert tone="warning" title={t(kind === "key" ? "secretOnce" : "endpoints.secretOnce")}>
        <code className="mt-1 block break-all font-mono text-xs">{secret}</code>
      </Alert>
      <DialogActions>
        <Button onClick={copy}>
          <Copy aria-hidden="true" />
          {t(kind === "key" ? "copy" : "endpoints.copy")}
        </Button>
        <DialogClose render={<Button variant="primary">{t("done")}</Button>} />
      </DialogActions>
    </div>
  );
}

function secretOf(data: unknown): string | null {
  const hasKey = typeof data === "object" && data !== null && "key" in data;
  return hasKey && typeof data.key === "string" ? data.key : null;
}
