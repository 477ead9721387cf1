/** What a request's address says after its `?`, by name; of a name said twice the last one counts. */
export function queryOf(request: Request): Record<string, string> {
  return Object.fromEntries(new URL(request.url).searchParams);
}
