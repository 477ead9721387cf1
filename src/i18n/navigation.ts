import { createNavigation } from "next-intl/navigation";
import { routing } from "./routing";

/** Navigation that knows the language. Links in markup are `@/components/link`. */
export const { redirect, permanentRedirect, getPathname, usePathname, useRouter } =
  createNavigation(routing);
