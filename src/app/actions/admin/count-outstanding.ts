"use server";

import { refresh } from "next/cache";
import { adminAction } from "@/app/safe-action";
import { db } from "@/db";
import { countOutstanding as count } from "@/ledger/reports/outstanding";
import { now } from "@/lib/clock";

/** Counts anew what all users hold; changes nobody's credits, so it leaves no record. */
export const countOutstanding = adminAction.action(async () => {
  await count(db, now());
  refresh();
});
