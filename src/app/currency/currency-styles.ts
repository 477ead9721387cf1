/**
 * Shows what is marked `data-in` with the currency of `<html data-currency>`, the first one by default.
 * Within `data-bound` that currency is shown. All rules have the same specificity, so the last one that
 * matches counts.
 */
export function currencyStyles([first = "", ...others]: readonly string[]): string {
  const show = (scope: string, currency: string) =>
    `:where(${scope}) [data-in="${currency}"]{display:contents}`;
  const hide = (scope: string) => `:where(${scope}) [data-in]{display:none}`;
  const chosen = (currency: string) => `html[data-currency="${currency}"]`;
  const bound = (currency: string) => `[data-bound="${currency}"]`;
  return [
    hide("html"),
    show(["html", ...others.map((one) => `:not(${chosen(one)})`)].join(""), first),
    ...others.map((one) => show(chosen(one), one)),
    ...[first, ...others].flatMap((one) => [hide(bound(one)), show(bound(one), one)]),
  ].join("\n");
}
