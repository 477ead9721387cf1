"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useRef, useState, useTransition } from "react";
import { refreshBalance } from "@/components/balance/browser-balance";
import type { ActionFailure } from "@/components/call-action";
import { FailureAlert } from "@/components/failure-alert";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useServerAction } from "@/components/use-server-action";
import { createCardAction } from "./actions";

export function CardForm({ cost }: { cost: string }) {
  const t = useTranslations("cards");
  const router = useRouter();
  const { run } = useServerAction();
  const id = useRef<string>(null);
  const [failure, setFailure] = useState<ActionFailure | null>(null);
  const [isPending, startTransition] = useTransition();

  function onSubmit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const recipient = String(new FormData(event.currentTarget).get("recipient"));
    startTransition(async () => {
      id.current = id.current ?? crypto.randomUUID();
      const card = { id: id.current, recipient };
      const outcome = await run((renderedFor) => createCardAction(renderedFor, card));
      setFailure(outcome.failure);
      // Without a response the card may exist: the next attempt must have the same id.
      if (outcome.failure?.code === "offline") return;
      id.current = null;
      void refreshBalance();
      router.refresh();
    });
  }

  return (
    <form onSubmit={onSubmit} className="grid max-w-md gap-5">
      <Field label={t("recipient")} required>
        <Input name="recipient" maxLength={60} />
      </Field>
      {failure && <FailureAlert failure={failure} />}
      <Button type="submit" variant="primary" pending={isPending} className="justify-self-start">
        {t("submit", { cost })}
      </Button>
    </form>
  );
}
