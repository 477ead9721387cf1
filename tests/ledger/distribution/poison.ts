import type { TestDatabase } from "../../support/database";

/** Makes every change of a lot fail for users named `poison-…`. Returns a function that ends it. */
export async function poisonLots({ ownerSql }: TestDatabase): Promise<() => Promise<void>> {
  await ownerSql`alter table credit_lot
    add constraint poisoned check (user_id not like 'poison-%') not valid`;
  return async () => void (await ownerSql`alter table credit_lot drop constraint poisoned`);
}

/** Makes every expiry fail for these users; grants succeed. Returns a function that ends it. */
export async function poisonExpiry({ ownerSql }: TestDatabase): Promise<() => Promise<void>> {
  await ownerSql`alter table credit_transaction add constraint poisoned
    check (type <> 'EXPIRE' or user_id not like 'poison-%') not valid`;
  return async () => void (await ownerSql`alter table credit_transaction drop constraint poisoned`);
}
