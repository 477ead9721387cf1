/** Why a request is refused before any page, action or route sees it. */
export const REFUSALS = {
  malformed: { status: 400, text: "The address or a header of this request is malformed." },
  foreign_origin: { status: 403, text: "This request comes from a page of another site." },
  too_large: { status: 413, text: "This request is larger than 1 MB." },
  not_local: { status: 403, text: "This server only accepts requests from its own machine." },
} as const;
export type Refusal = keyof typeof REFUSALS;

/**
 * Set by `inspectRequests`, which removes it from incoming requests. The proxy responds to it, or the API's
 * route.
 */
export const REFUSAL_HEADER = "x-qiflow-refusal";

export function isRefusal(value: string | null): value is Refusal {
  return value !== null && Object.hasOwn(REFUSALS, value);
}
