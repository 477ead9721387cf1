import { unstable_isUnrecognizedActionError } from "next/navigation";

/** What a server action resolves to. */
export interface ActionResult<Data> {
  readonly data?: Data;
  readonly serverError?: ActionFailure | undefined;
  readonly validationErrors?: { readonly fieldErrors: InvalidFields } | undefined;
}

export interface ActionFailure {
  /** A key of the `errors` messages. */
  readonly code: string;
  /** The sentence to show, in the reader's language. */
  readonly text: string;
  readonly details?: Readonly<Record<string, unknown>>;
  /** The fields that failed validation, if the code is `invalid_input`. */
  readonly fields?: InvalidFields;
}

type InvalidFields = Readonly<Record<string, readonly string[] | undefined>>;

/** The failures that the server does not report itself, so that they have no text yet. */
export type LocalFailureCode = "offline" | "invalid_input" | "page_out_of_date";

export type ActionOutcome<Data> =
  | { readonly data: Data | undefined; readonly failure: null }
  | { readonly data: undefined; readonly failure: ActionFailure };

/**
 * Calls a server action and maps every way it can fail to one failure. Never throws.
 * - `offline`: the server did not respond.
 * - `page_out_of_date`: the deployment of the server no longer has the action of this page.
 */
export async function callAction<Data>(
  action: () => Promise<ActionResult<Data>>,
  textOf: (code: LocalFailureCode) => string,
): Promise<ActionOutcome<Data>> {
  const fail = (code: LocalFailureCode, fields?: InvalidFields): ActionOutcome<Data> => ({
    data: undefined,
    failure: { code, text: textOf(code), ...(fields && { fields }) },
  });
  try {
    const { data, serverError, validationErrors } = await action();
    if (serverError) return { data: undefined, failure: serverError };
    if (validationErrors) return fail("invalid_input", validationErrors.fieldErrors);
    return { data, failure: null };
  } catch (error) {
    return fail(unstable_isUnrecognizedActionError(error) ? "page_out_of_date" : "offline");
  }
}

/** Whether only a reload of the page helps: an old deployment, or another person signed in. */
export function needsReload({ code }: { readonly code: string }): boolean {
  return code === "page_out_of_date" || code === "signed_in_as_another";
}

/** Whether the page failed because a deployment replaced its scripts or actions. */
export function isOutOfDate(error: Error): boolean {
  return error.name === "ChunkLoadError" || unstable_isUnrecognizedActionError(error);
}
