import { notFound } from "next/navigation";

/** Whatever matches no other page: the not-found page in the reader's language. */
export default function UnknownPage() {
  notFound();
}
