import { WHOLE_PERCENT } from "@/billing/reversals/reversed-share";
import { catalog } from "@/catalog/catalog";

/** The figures of the legal pages, read from the rules, so that the pages state what the books do. */
export const legalFigures = {
  graceHours: catalog.allotmentGraceHours,
  giftDays: catalog.signUpGift.expireDays,
  signInDays: catalog.dailySignIn.expireDays,
  wholePercent: WHOLE_PERCENT,
};
