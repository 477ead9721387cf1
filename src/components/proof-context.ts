"use client";

import { createContext } from "react";

/** Asks the user to confirm who they are. Resolves to false if they cancel. */
export type AskForProof = () => Promise<boolean>;

/** Null where no action needs a proof. `ProofProvider` sets it. */
export const ProofContext = createContext<AskForProof | null>(null);
