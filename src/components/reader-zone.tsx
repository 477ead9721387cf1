"use client";

import { createContext, type ReactNode, useContext, useSyncExternalStore } from "react";

const AccountZone = createContext<string | null>(null);

const neverChanges = () => () => {};
const browserZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
const serverZone = () => "UTC";

/**
 * Shows the instants below in one zone: the one of the account, which its months and days are counted in
 * as well. With null, as in the console and for visitors, in the browser's.
 */
export function ReaderZoneProvider({
  timeZone,
  children,
}: {
  timeZone: string | null;
  children: ReactNode;
}) {
  return <AccountZone value={timeZone}>{children}</AccountZone>;
}

/** The zone that instants are shown in. Without a provider, UTC on the server and during hydration. */
export function useReaderZone(): string {
  const accountZone = useContext(AccountZone);
  const ownZone = useSyncExternalStore(neverChanges, browserZone, serverZone);
  return accountZone ?? ownZone;
}
