"use client";

import { millisecondsInMinute, millisecondsInSecond } from "date-fns/constants";
import { useRouter } from "next/navigation";
import { useEffect, useEffectEvent } from "react";
import { z } from "zod/mini";
import { browserVisibility } from "@/components/balance/page-visibility";
import { pollWhileViewed } from "./poll-while-viewed";

const TIMEOUT_MS = 2 * millisecondsInMinute;
const REQUEST_TIMEOUT_MS = 10 * millisecondsInSecond;

const responseSchema = z.object({ version: z.string() });

/** `version` is null without a usable response. */
type MembershipResponse = { readonly version: string | null; readonly retryAfterSeconds: number };

/**
 * Refreshes the page when the membership at Stripe differs from the rendered one. Rendered after a
 * visit to the portal, because the events of a change there may arrive minutes later.
 */
export function FollowMembership({ rendered }: { rendered: string }) {
  const router = useRouter();
  const onResponse = useEffectEvent(({ version }: MembershipResponse) => {
    if (version !== null && version !== rendered) router.refresh();
  });
  useEffect(
    () =>
      pollWhileViewed({
        load: loadMembership,
        onResponse: (response) => onResponse(response),
        isDone: () => false,
        retryAfterSecondsOf: ({ retryAfterSeconds }) => retryAfterSeconds,
        page: browserVisibility,
        timeoutMs: TIMEOUT_MS,
      }),
    [],
  );
  return null;
}

async function loadMembership(): Promise<MembershipResponse> {
  try {
    const response = await fetch("/api/membership", {
      method: "POST",
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    if (response.status === 429) {
      const retryAfterSeconds = Number(response.headers.get("retry-after") ?? 60);
      return { version: null, retryAfterSeconds };
    }
    return { ...responseSchema.parse(await response.json()), retryAfterSeconds: 0 };
  } catch {
    return { version: null, retryAfterSeconds: 0 };
  }
}
