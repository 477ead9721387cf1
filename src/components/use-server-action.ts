"use client";

import { useTranslations } from "next-intl";
import { use, useTransition } from "react";
import { toast } from "@/components/toast";
import type { RenderedFor } from "@/lib/rendered-for";
import {
  type ActionFailure,
  type ActionOutcome,
  type ActionResult,
  callAction,
  needsReload,
} from "./call-action";
import { reloadPage } from "./form-draft";
import { ProofContext } from "./proof-context";
import { useRenderedFor } from "./rendered-for";

/** Calls a server action with the person whom the page was rendered for. */
type Call<Data> = (renderedFor: RenderedFor) => Promise<ActionResult<Data>>;

/**
 * Calls server actions from a client component.
 * - `run` resolves to the action's data or to its failure. It never throws. If the action needs a
 *   recent proof, it asks for it and repeats the action.
 * - `submit` runs the action in a transition, shows a failure in a toast and passes the data of a
 *   success to `onSuccess`. It reports even when the action unmounts the button.
 * - `showFailure` shows a failure of `run` in a toast, with a reload button if only that helps.
 */
export function useServerAction() {
  const t = useTranslations("errors");
  const actions = useTranslations("common.actions");
  const renderedFor = useRenderedFor();
  const askForProof = use(ProofContext);
  const [isPending, startTransition] = useTransition();

  async function run<Data>(call: Call<Data>): Promise<ActionOutcome<Data>> {
    const attempt = () =>
      callAction(
        () => call(renderedFor),
        (code) => t(code),
      );
    const outcome = await attempt();
    if (outcome.failure?.code !== "proof_required" || askForProof === null) return outcome;
    return (await askForProof()) ? attempt() : outcome;
  }

  function submit<Data>(call: Call<Data>, onSuccess?: (data: Data | undefined) => void): void {
    startTransition(async () => {
      const { data, failure } = await run(call);
      if (failure === null) onSuccess?.(data);
      else showFailure(failure);
    });
  }

  function showFailure(failure: ActionFailure): void {
    if (!needsReload(failure)) return void toast.error(failure.text);
    toast.error(failure.text, {
      id: failure.code,
      duration: Number.POSITIVE_INFINITY,
      action: { label: actions("reload"), onClick: reloadPage },
    });
  }

  return { isPending, run, submit, showFailure };
}
