import { createBalanceStore } from "./balance-store";
import { browserSight } from "./page-visibility";

const CHANNEL = "qiflow-balance";
const TIME_LIMIT_MS = 10_000;

let channel: BroadcastChannel | null = null;
const openChannel = () => {
  channel ??= new BroadcastChannel(CHANNEL);
  return channel;
};

/** This tab's balance. */
export const browserBalance = createBalanceStore({
  load: async () => {
    const answer = await fetch("/api/credits/balance", {
      cache: "no-store",
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
    });
    if (!answer.ok) throw new Error(`The balance answered ${answer.status}.`);
    return answer.json();
  },
  ...browserSight,
  tabs: {
    post: () => openChannel().postMessage("changed"),
    listen: (tell) => {
      const tabs = openChannel();
      tabs.addEventListener("message", tell);
      return () => tabs.removeEventListener("message", tell);
    },
  },
});

/** Call after anything that spends or grants credits: the whole page and all tabs follow. */
export const refreshBalance = () => browserBalance.refresh();
