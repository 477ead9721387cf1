"use client";

import { useViewer } from "@/app/[locale]/(marketing)/viewer";

/**
 * Says how many of a pack's credits the buyer's debt takes, before they pay. Nothing without debt.
 * `debt` is null on a static page, where the browser asks for it.
 */
export function DebtNote({
  debt,
  credits,
  text,
  numberLocale,
}: {
  debt: number | null;
  credits: number;
  /** Has `<taken>` and `<left>` in place of the numbers. */
  text: string;
  /** One of `FORMAT_LOCALES`. */
  numberLocale: string;
}) {
  return debt === null ? (
    <ViewerDebtNote credits={credits} text={text} numberLocale={numberLocale} />
  ) : (
    <Note debt={debt} credits={credits} text={text} numberLocale={numberLocale} />
  );
}

interface NoteTexts {
  readonly credits: number;
  readonly text: string;
  readonly numberLocale: string;
}

function ViewerDebtNote(props: NoteTexts) {
  return <Note debt={useViewer()?.debt ?? 0} {...props} />;
}

function Note({ debt, credits, text, numberLocale }: NoteTexts & { debt: number }) {
  if (debt === 0) return null;
  const taken = Math.min(debt, credits);
  return (
    <span className="block font-normal text-destructive text-xs">
      {text
        .replace("<taken>", taken.toLocaleString(numberLocale))
        .replace("<left>", (credits - taken).toLocaleString(numberLocale))}
    </span>
  );
}
