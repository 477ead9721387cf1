"use client";

import { useTranslations } from "next-intl";
import { type ComponentProps, useEffect, useState } from "react";
import type { CreditEffect, LotEffect } from "@/admin/users/rehearse-credits";
import type { RenderedFor } from "@/lib/rendered-for";
import type { ActionFailure, ActionResult } from "../call-action";
import { Credits } from "../credits";
import { DateTime } from "../date-time";
import { FailureAlert } from "../failure-alert";
import { Skeleton } from "../ui/skeleton";
import { useServerAction } from "../use-server-action";
import { Facts } from "./facts";

/** Balance before and after a write, the debt it pays and the lots it draws on or adds. */
export function CreditEffectFacts({ effect }: { effect: CreditEffect }) {
  const t = useTranslations("admin.effect");
  const { before, after, debtPaid, taken, added } = effect;
  return (
    <EffectFacts
      facts={[
        { label: t("before"), value: <Balance amounts={before} /> },
        { label: t("after"), value: <Balance amounts={after} /> },
        ...(debtPaid > 0 ? [{ label: t("debtPaid"), value: <Credits amount={debtPaid} /> }] : []),
        ...(taken.length > 0
          ? [{ label: t("taken"), value: <LotList lots={taken} sign={-1} /> }]
          : []),
        ...(added.length > 0
          ? [{ label: t("added"), value: <LotList lots={added} sign={1} /> }]
          : []),
      ]}
    />
  );
}

/** What an act does, in a frame above its confirmation. */
export function EffectFacts({ facts }: ComponentProps<typeof Facts>) {
  return (
    <div className="rounded-md border bg-muted/50 p-4">
      <Facts facts={facts} />
    </div>
  );
}

/** The effect that `preview` returns. Runs it when mounted. */
export function LoadedCreditEffect<Input>({
  preview,
  input,
}: {
  preview: (
    renderedFor: RenderedFor,
    input: Input,
  ) => Promise<ActionResult<CreditEffect | undefined>>;
  input: Input;
}) {
  const { run } = useServerAction();
  const [effect, setEffect] = useState<CreditEffect>();
  const [failure, setFailure] = useState<ActionFailure | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the dialog opens
  useEffect(() => {
    let isMounted = true;
    void run((renderedFor) => preview(renderedFor, input)).then((outcome) => {
      if (!isMounted) return;
      setEffect(outcome.data);
      setFailure(outcome.failure);
    });
    return () => {
      isMounted = false;
    };
  }, []);
  if (failure) return <FailureAlert failure={failure} text={failure.text} />;
  return effect ? <CreditEffectFacts effect={effect} /> : <Skeleton className="h-20" />;
}

function Balance({ amounts: { available, debt } }: { amounts: CreditEffect["before"] }) {
  const t = useTranslations("admin.effect");
  return (
    <>
      <Credits amount={Math.max(0, available)} />
      {debt > 0 && (
        <span className="ms-2 text-destructive">
          {t.rich("debt", { credits: () => <Credits amount={debt} /> })}
        </span>
      )}
    </>
  );
}

function LotList({ lots, sign }: { lots: readonly LotEffect[]; sign: 1 | -1 }) {
  const t = useTranslations("admin.effect");
  const types = useTranslations("credits.types");
  const user = useTranslations("admin.user");
  return (
    <ul className="grid gap-1">
      {lots.map(({ seq, type, credits, expiresAt }) => (
        <li key={seq}>
          <Credits amount={sign * credits} signed />{" "}
          <span className="text-muted-foreground">
            {sign < 0 && `${user("numbered", { seq, type: types(`${type}.label`) })}, `}
            {expiresAt === null
              ? t("noExpiry")
              : t.rich("expires", { instant: () => <DateTime instant={expiresAt} /> })}
          </span>
        </li>
      ))}
    </ul>
  );
}
