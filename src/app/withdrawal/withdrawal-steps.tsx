"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { ActionFailure, ActionResult } from "@/components/call-action";
import { DateTime } from "@/components/date-time";
import { FailureAlert } from "@/components/failure-alert";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { useServerAction } from "@/components/use-server-action";
import type { RenderedFor } from "@/lib/rendered-for";

/** The statement as the consumer checks it before confirming. */
export interface Statement {
  readonly name: string;
  readonly email: string;
  readonly purchase: string;
  /** What the withdrawal does. */
  readonly effects: readonly string[];
}

interface Receipt {
  readonly email: string;
  readonly purchase: string;
  readonly submittedAt: Date;
}

/**
 * The two steps that the law requires: `children` renders the statement's form, then the consumer confirms
 * it. Shows the receipt at the end.
 */
export function WithdrawalSteps<Input>({
  children,
  action,
}: {
  children: (onState: (statement: Statement, input: Input) => void) => ReactNode;
  action: (renderedFor: RenderedFor, input: Input) => Promise<ActionResult<Receipt | undefined>>;
}) {
  const t = useTranslations("withdrawal");
  const { isPending, run } = useServerAction();
  const [stated, setStated] = useState<{ statement: Statement; input: Input } | null>(null);
  const [failure, setFailure] = useState<ActionFailure | null>(null);
  const [receipt, setReceipt] = useState<Receipt | null>(null);
  const [isSending, setIsSending] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const step = receipt !== null ? "done" : stated !== null ? "confirm" : "state";
  useEffect(() => {
    // The button that led here is gone.
    if (step !== "state") heading.current?.focus();
  }, [step]);

  const confirm = async (input: Input) => {
    setIsSending(true);
    const outcome = await run((renderedFor) => action(renderedFor, input));
    setIsSending(false);
    setFailure(outcome.failure);
    if (outcome.data) setReceipt(outcome.data);
  };

  if (receipt !== null) {
    return (
      <Alert tone="success" className="break-words">
        <h2 ref={heading} tabIndex={-1} className="font-medium outline-none">
          {t("done.title")}
        </h2>
        <p>{t.rich("done.text", { time: () => <DateTime instant={receipt.submittedAt} /> })}</p>
        <p>{t("done.email", { email: receipt.email })}</p>
        {stated?.statement.effects.map((effect) => (
          <p key={effect}>{effect}</p>
        ))}
      </Alert>
    );
  }
  return (
    <>
      {/* Stays mounted, so that going back finds what was typed. */}
      <div hidden={stated !== null} className="grid gap-5">
        <h2 className="text-muted-foreground text-sm">{t("step", { step: 1 })}</h2>
        {children((statement, input) => {
          setFailure(null);
          setStated({ statement, input });
        })}
      </div>
      {stated !== null && (
        <div className="grid gap-5">
          <h2 ref={heading} tabIndex={-1} className="text-muted-foreground text-sm outline-none">
            {t("step", { step: 2 })}
          </h2>
          <p>{t("confirm.text")}</p>
          <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2 text-sm">
            {(["purchase", "name", "email"] as const).map((fact) => (
              <div key={fact} className="contents">
                <dt className="text-muted-foreground">{t(`confirm.${fact}`)}</dt>
                <dd className="min-w-0 break-words">{stated.statement[fact]}</dd>
              </div>
            ))}
          </dl>
          {stated.statement.effects.length > 0 && (
            <ul className="grid list-disc gap-1 ps-5 text-sm">
              {stated.statement.effects.map((effect) => (
                <li key={effect}>{effect}</li>
              ))}
            </ul>
          )}
          {failure && <FailureAlert failure={failure} />}
          <div className="flex flex-wrap gap-3">
            <Button
              variant="primary"
              pending={isPending || isSending}
              onClick={() => void confirm(stated.input)}
            >
              {t("confirm.submit")}
            </Button>
            <Button onClick={() => setStated(null)}>{t("confirm.back")}</Button>
          </div>
        </div>
      )}
    </>
  );
}
