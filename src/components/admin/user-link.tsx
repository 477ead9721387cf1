import { Link } from "../link";
import { Identifier } from "./identifier";

/** Leads to a user's page: by the e-mail where it is known, else by the id. */
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
