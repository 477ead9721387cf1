"use client";

import { useEffect, useEffectEvent, useState } from "react";
import { type AuthResult, authClient } from "@/auth/client";
import { type Problem, problemsOf } from "../auth-problem";

/**
 * Signs in with a passkey: with `signIn`, or when the user chooses one in the autofill of the email field,
 * which works until the first press of the button.
 */
export function usePasskeySignIn(onDone: () => void) {
  const [problem, setProblem] = useState<Problem>();
  const [pending, setPending] = useState(false);

  /** Returns false if the user did not sign in. */
  function finish({ error }: AuthResult): boolean {
    if (error === null) onDone();
    else setProblem(problemsOf(error, []).form);
    return error === null;
  }

  async function signIn(): Promise<void> {
    setPending(true);
    setProblem(undefined);
    // Stays pending while the browser leaves the page.
    setPending(finish(await authClient.signInWithPasskey()));
  }

  const finishAutofill = useEffectEvent((result: AuthResult) => {
    if (result.error?.code !== "PASSKEY_CANCELLED") finish(result);
  });
  useEffect(() => {
    let isShown = true;
    async function offer(): Promise<void> {
      const result = await authClient.signInWithAutofill();
      if (result !== null && isShown) finishAutofill(result);
    }
    void offer();
    return () => {
      isShown = false;
      void authClient.cancelPasskey();
    };
  }, []);

  return { problem, pending, signIn: () => void signIn() };
}
