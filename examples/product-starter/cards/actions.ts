"use server";

import { headers } from "next/headers";
import { userAction } from "@/accounts/safe-action";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { limitAction } from "@/rate-limit/limit-action";
import { cardInput, createCard } from "./cards";

export const createCardAction = userAction
  .inputSchema(cardInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    await limitAction(await headers(), { action: "card", userId: user.id, perUser: 30 });
    return createCard(db, { ...parsedInput, userId: user.id }, now);
  });
