/** Fills in how many of a pack's credits a debt takes, and how many are left. */
export function debtText(pack: {
  /** Has `<taken>` and `<left>` in place of the numbers. */
  readonly text: string;
  readonly credits: number;
  readonly debt: number;
  /** One of `FORMAT_LOCALES`. */
  readonly numberLocale: string;
}): string {
  const { text, credits, debt, numberLocale } = pack;
  const taken = Math.min(debt, credits);
  return text.replace(/<(.)\w+>/g, (_, name) =>
    (name === "t" ? taken : credits - taken).toLocaleString(numberLocale),
  );
}
