"use client";
"use no memo";

import { type ReactNode, useEffect, useState } from "react";
import { shownCurrency } from "@/app/currency/shown-currency";
import {
  type ActionFailure,
  callAction,
  type LocalFailureCode,
  needsReload,
} from "@/components/call-action";
import { useRenderedFor } from "@/components/rendered-for";
import { PendingButton } from "@/components/ui/pending-button";
import { type Locale, localePath } from "@/lib/locales";
import { startCheckout } from "./actions";
import { ConsentDialog, type ConsentTexts } from "./consent-dialog";

/** Texts that the server passes to the browser, because public pages have no client messages. */
export interface CheckoutTexts extends Readonly<Record<LocalFailureCode, string>> {
  readonly locale: Locale;
  readonly reload: string;
  /** Null if no consent to immediate supply is collected. */
  readonly consent: ConsentTexts | null;
}

/**
 * Opens Stripe's payment page for one item, in the currency that the button's price is shown in. The
 * server decides the price.
 */
export function BuyButton({
  item,
  currencies,
  texts,
  className,
  children,
}: {
  item: string;
  currencies: readonly string[];
  texts: CheckoutTexts;
  /** Of `buttonVariants`. */
  className: string;
  children: ReactNode;
}) {
  const { pending, problem, buy, dialog } = useCheckout(texts);
  return (
    <>
      {dialog}
      <PendingButton
        className={className}
        pending={pending}
        onClick={(event) =>
          void buy({ item, currency: shownCurrency(currencies, event.currentTarget) })
        }
      >
        {children}
      </PendingButton>
      {problem !== null && (
        <span role="alert" className="mt-2 block whitespace-normal text-destructive text-xs">
          <CheckoutProblem problem={problem} texts={texts} />
        </span>
      )}
    </>
  );
}

/** The text of a failed checkout, with a reload button if only that helps. */
export function CheckoutProblem({
  problem,
  texts,
}: {
  problem: ActionFailure;
  texts: CheckoutTexts;
}) {
  return (
    <>
      {problem.text}
      {needsReload(problem) && (
        <>
          {" "}
          <button
            type="button"
            className="font-medium underline"
            onClick={() => window.location.reload()}
          >
            {texts.reload}
          </button>
        </>
      )}
    </>
  );
}

interface Choice {
  readonly item: string;
  readonly currency: string | undefined;
}

/**
 * Opens Stripe's payment page, for a member after `dialog` has asked for consent to immediate supply. A
 * visitor goes to sign-up and returns to the same choice. `pending` stays true until the browser leaves
 * the page; `problem` is the failure, null while the dialog shows it.
 */
export function useCheckout(texts: CheckoutTexts): {
  pending: boolean;
  problem: ActionFailure | null;
  dialog: ReactNode;
  buy: (choice: Choice) => Promise<void>;
} {
  const { locale, consent } = texts;
  const [pending, setPending] = useState(false);
  const [asked, setAsked] = useState<Choice | null>(null);
  const [problem, setProblem] = useState<ActionFailure | null>(null);
  const renderedFor = useRenderedFor();
  useResetOnReturn(() => setPending(false));

  const openPage = async ({ item, currency }: Choice, version?: number) => {
    setPending(true);
    setProblem(null);
    const input = { item, ...(currency && { currency }), ...(version && { consent: version }) };
    const { data, failure } = await callAction(
      () => startCheckout(renderedFor, input),
      (code) => texts[code],
    );
    if (data) return window.location.assign(data.url);
    if (failure?.code === "not_signed_in") {
      // `BUY_PARAMETER`, whose file would bring the catalogue into the page's script.
      const next = localePath(locale, `/pricing?buy=${item}`);
      return window.location.assign(
        localePath(locale, `/sign-up?next=${encodeURIComponent(next)}`),
      );
    }
    setPending(false);
    // A page that was rendered for a guest learns only now that somebody is signed in.
    if (failure?.code === "consent_required" && consent !== null)
      return setAsked({ item, currency });
    setProblem(failure);
  };
  const buy = async (choice: Choice) => {
    if (consent === null || renderedFor === null) return openPage(choice);
    setProblem(null);
    setAsked(choice);
  };
  const dialog = asked !== null && consent !== null && (
    <ConsentDialog
      texts={consent}
      pending={pending}
      problem={problem && <CheckoutProblem problem={problem} texts={texts} />}
      onGive={() => void openPage(asked, consent.version)}
      onClose={() => setAsked(null)}
    />
  );
  return { pending, problem: asked === null ? problem : null, dialog, buy };
}

/** Calls `reset` when Back restores the page from the browser's cache with a button still pending. */
export function useResetOnReturn(reset: () => void): void {
  useEffect(() => {
    const onShow = (event: PageTransitionEvent) => {
      if (event.persisted) reset();
    };
    window.addEventListener("pageshow", onShow);
    return () => window.removeEventListener("pageshow", onShow);
  }, [reset]);
}
