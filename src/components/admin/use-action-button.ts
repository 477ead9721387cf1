import { useTransition } from "react";
import { toast } from "sonner";
import { type ActionAnswer, useAttempt } from "../use-attempt";

/**
 * A press of a button: calls the action and says in a toast why it was not done; else `tell` says what
 * came of it. The press itself waits for the answer: what an act takes off the page takes its button
 * along, before a hook would tell.
 */
export function useActionButton<Data>(
  act: () => Promise<ActionAnswer & { readonly data?: Data }>,
  tell: (data: Data | undefined) => void,
): { isPending: boolean; press: () => void } {
  const [isPending, start] = useTransition();
  const attempt = useAttempt();
  const press = () =>
    start(async () => {
      let data: Data | undefined;
      const refusal = await attempt(async () => {
        const answer = await act();
        data = answer.data;
        return answer;
      });
      if (refusal === null) tell(data);
      else toast.error(refusal.text);
    });
  return { isPending, press };
}
