import { Link } from "../link";
import { Identifier } from "./facts";

/** A link to a user's page, labelled with the email if it is known, otherwise with the id. */
export function UserLink({
  userId,
  emails,
}: {
  userId: string;
  emails?: ReadonlyMap<string, string>;
}) {
  const email = emails?.get(userId);
  return (
    <Link
      href={`/admin/users/${encodeURIComponent(userId)}`}
      className="underline decoration-border underline-offset-4 hover:decoration-current"
    >
      {email ?? <Identifier>{userId}</Identifier>}
    </Link>
  );
}
