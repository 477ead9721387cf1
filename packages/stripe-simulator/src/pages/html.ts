/** Markup that is safe to send. Everything else that goes into `html` is escaped. */
export class Html {
  constructor(readonly text: string) {}
}

export type Fragment = Html | string | number | null | undefined | false | readonly Fragment[];

export function html(strings: TemplateStringsArray, ...pieces: Fragment[]): Html {
  const text = strings.map(
    (part, index) => part + (index < pieces.length ? render(pieces[index]) : ""),
  );
  return new Html(text.join(""));
}

/** A button that posts these fields to its own page. */
export function button(testId: string, label: string, fields: Record<string, string>): Html {
  return html`<form method="post">${hidden(fields)}<button type="submit" data-testid="${testId}">${label}</button></form>`;
}

export function hidden(fields: Record<string, string>): Html[] {
  return Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
}

function render(piece: Fragment): string {
  if (piece === null || piece === undefined || piece === false) {
    return "";
  }
  if (piece instanceof Html) {
    return piece.text;
  }
  if (typeof piece === "string" || typeof piece === "number") {
    return escapeHtml(String(piece));
  }
  return piece.map(render).join("");
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
