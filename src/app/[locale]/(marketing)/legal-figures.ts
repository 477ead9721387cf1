import { SESSION_DAYS } from "@/auth/create-auth";
import { SIGN_IN_EVENT_RETENTION_DAYS } from "@/auth/sign-in-events";
import { collectsConsent } from "@/billing/consumer-rights/supply-consent";
import { REIMBURSEMENT_DAYS } from "@/billing/consumer-rights/withdrawal-rules";
import { EVENT_RETENTION_DAYS } from "@/billing/inbox/trim-events";
import { WHOLE_PERCENT } from "@/billing/reversals/reversed-share";
import { catalog } from "@/catalog/catalog";
import { graceHoursOfAll } from "@/catalog/items";
import {
  ADMIN_ACCESS_DAYS,
  NETWORK_RETENTION_DAYS,
  OUTBOX_RETENTION_DAYS,
  WITHDRAWAL_RETENTION_MONTHS,
} from "@/jobs/retention";
import { CLAIM_RETENTION_MONTHS, DEBT_MONTHS } from "@/rewards/free-credits-rule";

/** The figures of the legal pages, read from the rules, so that the pages state what the books do. */
export const legalFigures = {
  withdrawalDays: catalog.consumerRights?.withdrawalDays ?? 0,
  reimbursementDays: REIMBURSEMENT_DAYS,
  withdrawalMonths: WITHDRAWAL_RETENTION_MONTHS,
  renewalDays: catalog.consumerRights?.renewalNoticeDays ?? 0,
  consent: collectsConsent() ? "yes" : "no",
  graceHours: graceHoursOfAll(),
  giftDays: catalog.signUpGift.expireDays,
  signInDays: catalog.dailySignIn.expireDays,
  wholePercent: WHOLE_PERCENT,
  eventDays: EVENT_RETENTION_DAYS,
  emailDays: OUTBOX_RETENTION_DAYS,
  claimMonths: CLAIM_RETENTION_MONTHS,
  networkDays: NETWORK_RETENTION_DAYS,
  debtMonths: DEBT_MONTHS,
  sessionDays: SESSION_DAYS,
  accessDays: ADMIN_ACCESS_DAYS,
  signInLogDays: SIGN_IN_EVENT_RETENTION_DAYS,
};
