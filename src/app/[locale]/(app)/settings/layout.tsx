import type { ReactNode } from "react";
import { getCurrentUser } from "@/accounts/session";
import { ProofProvider } from "@/app/proof/proof-provider";
import { findSecondFactors } from "@/auth/second-factors";
import { hasPassword } from "@/auth/sessions";
import { db } from "@/db";
import { SettingsNav } from "./settings-nav";

/** The pages below check the session. A user with a second factor is asked for nothing less. */
export default async function SettingsLayout({ children }: { children: ReactNode }) {
  const user = await getCurrentUser();
  const { app: code, passkey } =
    user === null ? { app: false, passkey: false } : await findSecondFactors(db, user.id);
  const password = user !== null && !code && !passkey && (await hasPassword(db, user.id));
  return (
    <ProofProvider methods={{ password, code, passkey }}>
      <SettingsNav />
      {children}
    </ProofProvider>
  );
}
