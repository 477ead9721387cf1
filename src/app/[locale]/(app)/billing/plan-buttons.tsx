"use client";

import { useRouter } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import type { SwitchPreview } from "@/billing/plan-changes/preview-switch";
import { DateTime } from "@/components/date-time";
import { Money } from "@/components/money";
import { toast } from "@/components/toast";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions, DialogClose } from "@/components/ui/dialog";
import { useCreditsText } from "@/components/use-credits-text";
import { useServerAction } from "@/components/use-server-action";
import { formatMoney } from "@/lib/formats";
import { previewPlanSwitch, resumeMyPlan } from "./actions";
import { PortalButton } from "./portal-button";
import { usePortal } from "./use-portal";

/** A plan that the subscription can be switched to. The texts come from the server. */
export interface SwitchChoice {
  readonly item: string;
  readonly name: string;
  /** Of the button: "Switch to yearly". */
  readonly label: string;
  readonly interval: "month" | "year";
}

/** The named changes of a subscription. Each says what it does before Stripe's page opens. */
export function PlanButtons({
  planName,
  freeCredits,
  isYearly,
  switches,
  cancelEndsAt,
  resumes,
  canChangeCard,
}: {
  planName: string;
  /** The monthly credits of the free plan, in words. */
  freeCredits: string;
  /** Whether the plan is paid by the year and its credits continue until its end. */
  isYearly: boolean;
  switches: readonly SwitchChoice[];
  cancelEndsAt: Date | null;
  resumes: "end" | "switch" | null;
  canChangeCard: boolean;
}) {
  const t = useTranslations("billing.change");
  return (
    <div className="flex flex-wrap gap-2">
      {resumes !== null && <ResumeButton resumes={resumes} planName={planName} />}
      {switches.map((choice) => (
        <SwitchButton key={choice.item} choice={choice} />
      ))}
      {canChangeCard && <PortalButton flow={{ flow: "card" }}>{t("card")}</PortalButton>}
      {cancelEndsAt !== null && (
        <CancelButton
          planName={planName}
          endsAt={cancelEndsAt}
          freeCredits={freeCredits}
          isYearly={isYearly}
        />
      )}
    </div>
  );
}

/** Asks the server what the switch does, then shows it. */
function SwitchButton({ choice }: { choice: SwitchChoice }) {
  const t = useTranslations("billing.change");
  const { isPending, submit } = useServerAction();
  const [preview, setPreview] = useState<SwitchPreview | null>(null);
  const [open, setOpen] = useState(false);
  const portal = usePortal();
  const load = () =>
    submit(
      (renderedFor) => previewPlanSwitch(renderedFor, { item: choice.item }),
      (loaded) => {
        setPreview(loaded ?? null);
        setOpen(loaded !== undefined);
      },
    );
  return (
    <>
      <Button pending={isPending} onClick={load}>
        {choice.label}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={t("switch.title", { plan: choice.name })}
        description={t(preview?.when === "later" ? "switch.later" : "switch.now")}
      >
        {preview !== null && <SwitchFacts preview={preview} interval={choice.interval} />}
        <DialogActions>
          <DialogClose render={<Button>{t("switch.back")}</Button>} />
          <Button
            variant="primary"
            pending={portal.pending}
            onClick={() => void portal.open({ flow: "switch", item: choice.item })}
          >
            {t("continue")}
          </Button>
        </DialogActions>
      </Dialog>
    </>
  );
}

function SwitchFacts({
  preview,
  interval,
}: {
  preview: SwitchPreview;
  interval: "month" | "year";
}) {
  const t = useTranslations("billing.change.switch");
  const locale = useLocale();
  const credits = useCreditsText();
  const { when, at, dueCents, currency, creditsNow, creditsPerMonth, renewsAt, priceCents } =
    preview;
  const price = formatMoney(priceCents, currency, locale);
  return (
    <Facts>
      <Fact name={t("due")}>
        <Money amountCents={dueCents} currency={currency} />
        {when === "now" && <Note>{t("dueNote")}</Note>}
      </Fact>
      <Fact name={t("starts")}>
        {when === "now" ? t("immediately") : <DateTime instant={at} kind="date" />}
      </Fact>
      <Fact name={t("creditsNow")}>
        {credits(creditsNow)}
        {creditsNow === 0 && <Note>{t(`noCredits.${when}`)}</Note>}
      </Fact>
      <Fact name={t("creditsPerMonth")}>{credits(creditsPerMonth)}</Fact>
      <Fact name={t("renews")}>
        {t.rich(`renewal.${interval}`, {
          price,
          date: () => <DateTime instant={renewsAt} kind="date" />,
        })}
      </Fact>
    </Facts>
  );
}

function CancelButton({
  planName,
  endsAt,
  freeCredits,
  isYearly,
}: {
  planName: string;
  endsAt: Date;
  freeCredits: string;
  isYearly: boolean;
}) {
  const t = useTranslations("billing.change");
  const [open, setOpen] = useState(false);
  const portal = usePortal();
  const date = () => <DateTime instant={endsAt} kind="date" />;
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      trigger={<Button variant="quiet">{t("cancel.button")}</Button>}
      title={t("cancel.title", { plan: planName })}
    >
      <ul className="grid list-disc gap-2 ps-5 text-sm">
        <li>{t.rich("cancel.runs", { plan: planName, date })}</li>
        <li>{t("cancel.money")}</li>
        <li>{t(isYearly ? "cancel.creditsYearly" : "cancel.credits")}</li>
        <li>{t("cancel.free", { credits: freeCredits })}</li>
      </ul>
      <DialogActions>
        <DialogClose render={<Button>{t("cancel.keep")}</Button>} />
        <Button
          variant="destructive"
          pending={portal.pending}
          onClick={() => void portal.open({ flow: "cancel" })}
        >
          {t("cancel.continue")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function ResumeButton({ resumes, planName }: { resumes: "end" | "switch"; planName: string }) {
  const t = useTranslations("billing.change.resume");
  const router = useRouter();
  const { isPending, submit } = useServerAction();
  const resume = () =>
    submit(
      (renderedFor) => resumeMyPlan(renderedFor, undefined),
      () => {
        toast.success(t("done", { plan: planName }));
        router.refresh();
      },
    );
  return (
    <Button variant="primary" pending={isPending} onClick={resume}>
      {resumes === "end" ? t("end") : t("switch", { plan: planName })}
    </Button>
  );
}

function Facts({ children }: { children: ReactNode }) {
  return <dl className="grid gap-3 text-sm sm:grid-cols-[auto_1fr] sm:gap-x-8">{children}</dl>;
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted-foreground max-sm:-mb-3">{name}</dt>
      <dd className="font-medium tabular-nums">{children}</dd>
    </>
  );
}

function Note({ children }: { children: ReactNode }) {
  return <span className="block font-normal text-muted-foreground text-xs">{children}</span>;
}
