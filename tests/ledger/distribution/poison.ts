import type { TestDatabase } from "../../support/database";

/** From now on nothing can be put on a lot of users called `poison-…`. Answers what ends it. */
export async function poisonLots({ ownerSql }: TestDatabase): Promise<() => Promise<void>> {
  await ownerSql`alter table credit_lot
    add constraint poisoned check (user_id not like 'poison-%') not valid`;
  return async () => void (await ownerSql`alter table credit_lot drop constraint poisoned`);
}

/** From now on no lot of theirs can expire; grants go on. */
export async function poisonExpiry({ ownerSql }: TestDatabase): Promise<() => Promise<void>> {
  await ownerSql`alter table credit_transaction add constraint poisoned
    check (type <> 'EXPIRE' or user_id not like 'poison-%') not valid`;
  return async () => void (await ownerSql`alter table credit_transaction drop constraint poisoned`);
}
