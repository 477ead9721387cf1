/** A page's address with its query; what is empty, "any" or the usual order is left out. */
export function addressOf(
  path: string,
  query: Readonly<Record<string, string | number | null | undefined>>,
): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === null || value === undefined || value === "" || value === "any" || value === "newest"
      ? []
      : [[name, String(value)]],
  );
  const search = new URLSearchParams(given).toString();
  return search === "" ? path : `${path}?${search}`;
}

/** The addresses of the pages before and after this one, under the same filter. */
export function turnsOf(
  path: string,
  filter: Readonly<Record<string, string | number | null | undefined>>,
  page: { readonly newer: string | null; readonly older: string | null },
): { newerHref: string | null; olderHref: string | null } {
  return {
    newerHref: page.newer && addressOf(path, { ...filter, newer: page.newer }),
    olderHref: page.older && addressOf(path, { ...filter, older: page.older }),
  };
}
