"use server";

import { revalidatePath } from "next/cache";
import { auth } from "@/accounts/auth";
import { userAction } from "@/accounts/safe-action";
import { requireProof } from "@/accounts/session";
import { db } from "@/db";
import { machineNow } from "@/lib/clock";
import {
  capInput,
  changeCap,
  createService,
  issueKey,
  newServiceInput,
  revocationInput,
  revokeService,
  rotateKey,
  rotationInput,
} from "@/public-api/services";

/** Creates a personal key and returns it, for the only time. Needs a recent proof. */
export const createMyApiKey = userAction
  .inputSchema(newServiceInput)
  .action(async ({ parsedInput: service, ctx: { user } }) => {
    await requireProof(user);
    const serviceId = await db.transaction((tx) =>
      createService(tx, { ownerId: user.id, service, now: machineNow() }),
    );
    const key = await issueKey(auth.api, { serviceId, ...service });
    revalidatePath("/", "layout");
    return { key };
  });

/** Replaces a personal key and returns the new one, for the only time. Needs a recent proof. */
export const rotateMyApiKey = userAction
  .inputSchema(rotationInput)
  .action(async ({ parsedInput: rotation, ctx: { user } }) => {
    await requireProof(user);
    const key = await rotateKey(db, auth.api, { ...rotation, ownerId: user.id, now: machineNow() });
    revalidatePath("/", "layout");
    return { key };
  });

/** Changes or removes the cap of a personal key. Needs a recent proof. */
export const changeMyApiKeyCap = userAction
  .inputSchema(capInput)
  .action(async ({ parsedInput: change, ctx: { user } }) => {
    await requireProof(user);
    await db.transaction((tx) => changeCap(tx, { ...change, ownerId: user.id }));
    revalidatePath("/", "layout");
  });

/** Revokes a personal key immediately. */
export const revokeMyApiKey = userAction
  .inputSchema(revocationInput)
  .action(async ({ parsedInput: { serviceId }, ctx: { user } }) => {
    await db.transaction((tx) =>
      revokeService(tx, { serviceId, ownerId: user.id, now: machineNow() }),
    );
    revalidatePath("/", "layout");
  });
