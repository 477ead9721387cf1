"use client";

import { useTranslations } from "next-intl";
import { useTransition } from "react";
import { toast } from "sonner";

/** What a server action resolves to. */
export interface ActionResult<Data> {
  readonly data?: Data;
  readonly serverError?: ActionFailure | undefined;
  readonly validationErrors?: unknown;
}

interface ActionFailure {
  /** A key of the `errors` messages; `offline` when the server did not respond. */
  readonly code: string;
  /** The sentence to show, in the reader's language. */
  readonly text: string;
}

type ActionOutcome<Data> =
  | { readonly data: Data | undefined; readonly failure: null }
  | { readonly data: undefined; readonly failure: ActionFailure };

/**
 * Calls server actions from a client component.
 * - `run` resolves to the action's data or to its failure. It never throws.
 * - `submit` runs the action in a transition, shows a failure in a toast and passes the data of a
 *   success to `onSuccess`. It reports even when the action unmounts the button.
 */
export function useServerAction() {
  const t = useTranslations("errors");
  const [isPending, startTransition] = useTransition();

  async function run<Data>(
    action: () => Promise<ActionResult<Data>>,
  ): Promise<ActionOutcome<Data>> {
    const fail = (failure: ActionFailure) => ({ data: undefined, failure });
    const result = await action().catch(() => null);
    if (result === null) return fail({ code: "offline", text: t("offline") });
    if (result.serverError) return fail(result.serverError);
    if (result.validationErrors) return fail({ code: "invalid_input", text: t("invalid_input") });
    return { data: result.data, failure: null };
  }

  function submit<Data>(
    action: () => Promise<ActionResult<Data>>,
    onSuccess?: (data: Data | undefined) => void,
  ): void {
    startTransition(async () => {
      const { data, failure } = await run(action);
      if (failure === null) onSuccess?.(data);
      else toast.error(failure.text);
    });
  }

  return { isPending, run, submit };
}
