"use client";

import { use } from "react";
import type { AuthResult } from "@/auth/client";
import { ProofContext } from "@/components/proof-context";

/** Sends a request to the auth routes. If it needs a recent proof, asks for it and repeats it. */
export function useProven(): (send: () => Promise<AuthResult>) => Promise<AuthResult> {
  const askForProof = use(ProofContext);
  return async (send) => {
    const result = await send();
    if (result.error?.code !== "PROOF_REQUIRED" || askForProof === null) return result;
    return (await askForProof()) ? send() : result;
  };
}
