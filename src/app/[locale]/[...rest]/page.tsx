import { notFound } from "next/navigation";

/** Matches every unknown path, so that the not-found page is in the reader's language. */
export default function UnknownPage() {
  notFound();
}
