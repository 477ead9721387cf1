"use client";

import { useRouter } from "next/navigation";
import { useLocale } from "next-intl";
import { useEffect, useState, useTransition } from "react";
import { createReadingAction } from "@/app/actions/create-reading";
import { refreshBalance } from "@/components/balance/browser-balance";
import { localePath } from "@/lib/locales";
import type { BirthProblems } from "@/products/bazi/birth/parse-birth";
import { birthOf, type FormValues, withoutProblemsOf } from "./form-values";
import { forgetDraft, loadDraft, saveDraft } from "./reading-draft";

/** What stands above the form after an attempt: a code of the errors, or that no answer came. */
export type Failure =
  | { kind: "no-answer" }
  | { kind: "fields" }
  | { kind: "too-few"; required: number; available: number }
  | { kind: "refused"; code: string; retryAfterSeconds: number };

/** An earlier attempt with this id has ended: the same form may be sent with a new one. */
const ATTEMPT_IS_OVER = ["hold_closed", "hold_lapsed", "reading_id_taken", "reading_deleted"];

/** The state of the form: what is typed, what is wrong, what became of sending it. */
export function useReadingForm(userId: string, initial: FormValues) {
  const [values, setValues] = useState(initial);
  const [readingId, setReadingId] = useState(() => crypto.randomUUID());
  const [problems, setProblems] = useState<BirthProblems>({});
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isRestored, setIsRestored] = useState(false);
  const [isPending, startTransition] = useTransition();
  const openReading = useOpenReading(userId);

  // The tab's storage is there only after the server's HTML has been taken over.
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
    forgetDraft(userId);
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
      if (outcome.kind === "refused" && ATTEMPT_IS_OVER.includes(outcome.code)) {
        const newId = crypto.randomUUID();
        setReadingId(newId);
        saveDraft(userId, { readingId: newId, values });
        outcome = await send(newId, values);
      }
      if (outcome.kind === "made") return openReading(outcome.id);
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
    forgetDraft(userId);
    void refreshBalance();
    router.push(localePath(locale, `/bazi/${id}`));
  };
}

type Outcome = { kind: "made"; id: string } | (Failure & { problems: BirthProblems });

/** Sends the form once and tells what became of it; never throws. */
async function send(readingId: string, values: FormValues): Promise<Outcome> {
  try {
    const answer = await createReadingAction({
      readingId,
      birth: birthOf(values),
      keepInProfile: values.keepInProfile,
    });
    if (answer.data?.status === "made") return { kind: "made", id: answer.data.id };
    if (answer.data?.status === "invalid") {
      return { kind: "fields", problems: answer.data.problems };
    }
    return { ...refusalOf(answer.serverError), problems: {} };
  } catch {
    return { kind: "no-answer", problems: {} };
  }
}

function refusalOf(
  error: { code: string; details: Readonly<Record<string, unknown>> } | undefined,
): Failure {
  const figure = (name: string) => Number(error?.details[name] ?? 0);
  if (error?.code === "insufficient_credits") {
    return { kind: "too-few", required: figure("required"), available: figure("available") };
  }
  return {
    kind: "refused",
    code: error?.code ?? "unexpected",
    retryAfterSeconds: figure("retryAfterSeconds"),
  };
}
