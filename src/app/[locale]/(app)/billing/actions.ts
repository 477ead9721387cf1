"use server";

import { getLocale } from "next-intl/server";
import { userAction } from "@/accounts/safe-action";
import { openPortal as openStripePortal, portalInput } from "@/billing/checkout/open-portal";
import { billingDeps } from "@/billing/deps";
import { previewSwitch, switchInput } from "@/billing/plan-changes/preview-switch";
import { resumePlan } from "@/billing/plan-changes/resume-plan";
import { limitUser } from "@/rate-limit/limit-action";

/** Creates a customer portal session for everything or for one flow, and returns its `url`. */
export const openPortal = userAction
  .inputSchema(portalInput)
  .action(async ({ parsedInput: flow, ctx: { user } }) => {
    await limitUser({ action: "portal", userId: user.id, perUser: 20 });
    return openStripePortal(billingDeps, { userId: user.id, locale: await getLocale(), flow });
  });

/** What a switch to another plan would charge and grant. */
export const previewPlanSwitch = userAction
  .inputSchema(switchInput)
  .action(async ({ parsedInput: { item }, ctx: { user } }) => {
    await limitUser({ action: "preview", userId: user.id, perUser: 30 });
    return previewSwitch(billingDeps, { userId: user.id, item });
  });

/** Undoes a cancellation or a scheduled switch. */
export const resumeMyPlan = userAction.action(async ({ ctx: { user } }) => {
  await limitUser({ action: "resume", userId: user.id, perUser: 20 });
  await resumePlan(billingDeps, { userId: user.id });
});
