/** A path with its query. Leaves out empty values, "any" and the default order "newest". */
export function hrefOf(
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

/** Links to the previous and the next page of a list under the same filter. */
export function paginationHrefs(
  path: string,
  filter: Readonly<Record<string, string | number | null | undefined>>,
  page: { readonly newer: string | null; readonly older: string | null },
): { newerHref: string | null; olderHref: string | null } {
  return {
    newerHref: page.newer && hrefOf(path, { ...filter, newer: page.newer }),
    olderHref: page.older && hrefOf(path, { ...filter, older: page.older }),
  };
}
