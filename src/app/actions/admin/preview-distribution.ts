"use server";

import { adminAction } from "@/app/safe-action";
import { db } from "@/db";
import { previewDistribution as preview, previewSample } from "@/ledger/distribution/preview";
import { now } from "@/lib/clock";

const SAMPLE_USERS = 10;

/** What a distribution started now would grant and expire, and the first users' parts; writes nothing. */
export const previewDistribution = adminAction.action(async () => {
  const at = now();
  const [totals, sample] = await Promise.all([
    preview(db, at),
    previewSample(db, { now: at, limit: SAMPLE_USERS }),
  ]);
  return { ...totals, sample };
});
