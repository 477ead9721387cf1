"use no memo";

import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { PendingButton } from "@/components/ui/pending-button";

/** The request for immediate supply, in the language of the page. */
export interface ConsentTexts {
  /** The version of `statement`. */
  readonly version: number;
  readonly title: string;
  readonly right: string;
  readonly policy: string;
  readonly policyHref: string;
  readonly statement: string;
  readonly missing: string;
  readonly submit: string;
  readonly cancel: string;
  /** Of `buttonVariants`, because the public pages do not load them. */
  readonly submitClass: string;
  readonly cancelClass: string;
}

/**
 * Asks for consent to immediate supply before the payment page opens. A native dialog, because the public
 * pages load no dialog component.
 */
export function ConsentDialog({
  texts,
  pending,
  problem,
  onGive,
  onClose,
}: {
  texts: ConsentTexts;
  pending: boolean;
  problem: ReactNode;
  onGive: () => void;
  onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const box = useRef<HTMLInputElement>(null);
  const [isMissing, setIsMissing] = useState(false);
  const id = useId();
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
  }, []);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const isGiven = box.current?.checked ?? false;
    setIsMissing(!isGiven);
    if (isGiven) onGive();
    else box.current?.focus();
  };
  return (
    <dialog
      ref={dialog}
      onClose={onClose}
      aria-labelledby={`${id}-title`}
      className="m-auto w-[min(32rem,calc(100vw-2rem))] whitespace-normal rounded-lg border bg-card p-6 text-start font-normal text-base text-foreground shadow-popup backdrop:bg-black/50"
    >
      <form onSubmit={submit} noValidate className="grid gap-4">
        <h2 id={`${id}-title`} className="font-heading text-xl">
          {texts.title}
        </h2>
        <p className="text-muted-foreground text-sm">
          {texts.right}{" "}
          <a
            href={texts.policyHref}
            target="_blank"
            rel="noreferrer"
            className="underline underline-offset-4"
          >
            {texts.policy}
          </a>
        </p>
        <label className="flex items-start gap-3 text-sm leading-6">
          <input
            ref={box}
            type="checkbox"
            onChange={() => setIsMissing(false)}
            aria-invalid={isMissing || undefined}
            aria-describedby={isMissing ? `${id}-missing` : undefined}
            className="mt-0.5 size-5 shrink-0 accent-foreground"
          />
          <span>{texts.statement}</span>
        </label>
        {isMissing && (
          <p id={`${id}-missing`} role="alert" className="text-destructive text-sm">
            {texts.missing}
          </p>
        )}
        {problem !== null && (
          <p role="alert" className="text-destructive text-sm">
            {problem}
          </p>
        )}
        <div className="flex flex-wrap justify-end gap-3">
          <button
            type="button"
            className={texts.cancelClass}
            onClick={() => dialog.current?.close()}
          >
            {texts.cancel}
          </button>
          <PendingButton type="submit" className={texts.submitClass} pending={pending}>
            {texts.submit}
          </PendingButton>
        </div>
      </form>
    </dialog>
  );
}
