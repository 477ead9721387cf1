/**
 * Shows the elements whose `data-in` is the currency of `<html data-currency>`, by default the first one.
 * Another element with `data-currency` overrides the currency within it. All rules have the same
 * specificity, so the last match applies.
 */
export function currencyStyles([first = "", ...others]: readonly string[]): string {
  const show = (scope: string, currency: string) =>
    `:where(${scope}) [data-in="${currency}"]{display:contents}`;
  const hide = (scope: string) => `:where(${scope}) [data-in]{display:none}`;
  const chosen = (currency: string) => `html[data-currency="${currency}"]`;
  const inside = (currency: string) => `body [data-currency="${currency}"]`;
  return [
    hide("html"),
    show(["html", ...others.map((one) => `:not(${chosen(one)})`)].join(""), first),
    ...others.map((one) => show(chosen(one), one)),
    ...[first, ...others].flatMap((one) => [hide(inside(one)), show(inside(one), one)]),
  ].join("\n");
}
