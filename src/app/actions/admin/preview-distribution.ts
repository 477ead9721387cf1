"use server";

import { adminAction } from "@/app/actions/safe-action";
import { previewDistribution as preview } from "@/credits/distribute";
import { db } from "@/db";
import { now } from "@/lib/clock";

/** What a distribution started now would grant and expire; writes nothing. */
export const previewDistribution = adminAction.action(async () => preview(db, now()));
