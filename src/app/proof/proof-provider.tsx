"use client";

import dynamic from "next/dynamic";
import { type ReactNode, useState } from "react";
import { ProofContext } from "@/components/proof-context";
import type { ProofMethods } from "./proof-dialog";

const ProofDialog = dynamic(() => import("./proof-dialog").then((module) => module.ProofDialog), {
  ssr: false,
});

/** Lets actions below it ask for a proof in a dialog, which is loaded when it is first needed. */
export function ProofProvider({
  methods,
  children,
}: {
  methods: ProofMethods;
  children: ReactNode;
}) {
  const [asking, setAsking] = useState<((isProved: boolean) => void) | null>(null);
  const ask = () => new Promise<boolean>((resolve) => setAsking(() => resolve));
  const finish = (isProved: boolean) => {
    asking?.(isProved);
    setAsking(null);
  };
  return (
    <ProofContext value={ask}>
      {children}
      {asking !== null && <ProofDialog methods={methods} onDone={finish} />}
    </ProofContext>
  );
}
