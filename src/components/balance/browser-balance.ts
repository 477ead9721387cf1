import { createBalanceStore } from "./balance-store";
import { browserVisibility } from "./page-visibility";

const CHANNEL = "qiflow-balance";
const TIMEOUT_MS = 10_000;

let channel: BroadcastChannel | null = null;
const openChannel = () => {
  channel ??= new BroadcastChannel(CHANNEL);
  return channel;
};

/** The balance store of this tab. */
export const browserBalance = createBalanceStore({
  load: async () => {
    const response = await fetch("/api/credits/balance", {
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`GET /api/credits/balance returned ${response.status}.`);
    return response.json();
  },
  page: browserVisibility,
  tabs: {
    notify: () => openChannel().postMessage("changed"),
    subscribe: (listener) => {
      const tabs = openChannel();
      tabs.addEventListener("message", listener);
      return () => tabs.removeEventListener("message", listener);
    },
  },
});

/** Updates the balance in this tab and in all others. Call it after spending or granting credits. */
export const refreshBalance = () => browserBalance.refresh();
