-- credits_lock_account(user, now, create): locks the account's row, first of all locks of every
-- write, and answers it with `as_of` moved up to now. An account's time never runs backward: a
-- server whose clock is behind books at the latest instant already booked.
create or replace function credits_lock_account(
  p_user text, p_now timestamptz, p_create boolean default false
) returns credit_account language plpgsql as $$
declare
  acc credit_account;
begin
  select * into acc from credit_account where user_id = p_user for update;
  if not found then
    if not p_create then
      perform credits_raise('QF003', 'This user has no credit account.');
    end if;
    insert into credit_account (user_id, as_of) values (p_user, p_now) on conflict do nothing;
    select * into acc from credit_account where user_id = p_user for update;
  end if;
  acc.as_of := greatest(acc.as_of, p_now);
  return acc;
end
$$;

-- credits_save_account(acc): writes the locked account back. In plpgsql, as are all that a spend
-- calls: its plans are kept, those of a function in SQL that can't be inlined are made anew.
create or replace function credits_save_account(acc credit_account)
returns void language plpgsql as $$
begin
  update credit_account
  set balance = acc.balance, held = acc.held, debt = acc.debt, version = acc.version, as_of = acc.as_of
  where user_id = acc.user_id;
end
$$;
