"use client";

import { useRouter } from "next/navigation";
import { useLocale } from "next-intl";
import { useEffect, useState, useTransition } from "react";
import { refreshBalance } from "@/components/balance/browser-balance";
import type { ActionFailure } from "@/components/call-action";
import { useServerAction } from "@/components/use-server-action";
import { localePath } from "@/lib/locales";
import { createReadingAction } from "../../actions";
import type { BirthProblems } from "../../birth/fields";
import { birthOf, type FormValues, withoutProblemsOf } from "./form-values";
import { deleteDraft, loadDraft, saveDraft } from "./reading-draft";

/** Why the form created no reading. `offline` means that the server did not respond. */
export type Failure =
  | { kind: "offline" }
  | { kind: "fields" }
  | { kind: "too-few"; required: number; available: number }
  | { kind: "refused"; code: string; text: string };

/** The reading id is used up; the same form can be submitted with a new one. */
const ID_USED_UP = ["hold_closed", "hold_lapsed", "reading_id_taken", "reading_deleted"];

/** State of the form: values, problems of fields, and the outcome of submitting it. */
export function useReadingForm(userId: string, initial: FormValues) {
  const [values, setValues] = useState(initial);
  const [readingId, setReadingId] = useState(() => crypto.randomUUID());
  const [problems, setProblems] = useState<BirthProblems>({});
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isRestored, setIsRestored] = useState(false);
  const [isPending, startTransition] = useTransition();
  const openReading = useOpenReading(userId);
  const send = useSend();

  // Session storage is available only after hydration.
  useEffect(() => {
    const draft = loadDraft(userId, initial);
    if (draft === null) return;
    setValues(draft.values);
    setReadingId(draft.readingId);
    setIsRestored(true);
  }, [userId, initial]);

  const change = (changed: Partial<FormValues>) => {
    const next = { ...values, ...changed };
    setValues(next);
    setProblems(withoutProblemsOf(problems, changed));
    saveDraft(userId, { readingId, values: next });
  };

  const startOver = () => {
    deleteDraft(userId);
    setValues(initial);
    setReadingId(crypto.randomUUID());
    setProblems({});
    setFailure(null);
    setIsRestored(false);
  };

  const submit = () =>
    startTransition(async () => {
      setFailure(null);
      setIsRestored(false);
      saveDraft(userId, { readingId, values });
      let outcome = await send(readingId, values);
      if (outcome.kind === "refused" && ID_USED_UP.includes(outcome.code)) {
        const newId = crypto.randomUUID();
        setReadingId(newId);
        saveDraft(userId, { readingId: newId, values });
        outcome = await send(newId, values);
      }
      if (outcome.kind === "stored") return openReading(outcome.id);
      if (outcome.kind === "fields") setProblems(outcome.problems);
      setFailure(outcome);
    });

  return {
    values,
    change,
    problems,
    failure,
    setFailure,
    isRestored,
    startOver,
    isPending,
    submit,
  };
}

function useOpenReading(userId: string) {
  const router = useRouter();
  const locale = useLocale();
  return (id: string) => {
    deleteDraft(userId);
    void refreshBalance();
    router.push(localePath(locale, `/bazi/${id}`));
  };
}

type Outcome = { kind: "stored"; id: string } | (Failure & { problems: BirthProblems });

/** Submits the form once. Never throws. */
function useSend() {
  const { run } = useServerAction();
  return async (readingId: string, values: FormValues): Promise<Outcome> => {
    const { data, failure } = await run((renderedFor) =>
      createReadingAction(renderedFor, {
        readingId,
        birth: birthOf(values),
        keepInProfile: values.keepInProfile,
      }),
    );
    if (data?.status === "stored") return { kind: "stored", id: data.id };
    if (data?.status === "invalid") return { kind: "fields", problems: data.problems };
    return { ...failureOf(failure), problems: {} };
  };
}

function failureOf(failure: ActionFailure | null): Failure {
  if (failure === null) return { kind: "refused", code: "unexpected", text: "" };
  const { code, text, details } = failure;
  if (code === "offline") return { kind: "offline" };
  if (code !== "insufficient_credits") return { kind: "refused", code, text };
  return {
    kind: "too-few",
    required: Number(details?.required),
    available: Math.max(0, Number(details?.available)),
  };
}
