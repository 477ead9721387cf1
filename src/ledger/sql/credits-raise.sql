-- credits_raise(code, message, detail): a refusal with a name. The codes are mapped to errors in
-- `src/ledger/errors.ts`; raising rolls the whole call back, so a refusal uses up no key.
create or replace function credits_raise(p_code text, p_message text, p_detail jsonb default '{}')
returns void language plpgsql as $$
begin
  raise exception using errcode = p_code, message = p_message, detail = p_detail::text;
end
$$;

create or replace function credits_check_amount(p_amount bigint)
returns void language plpgsql as $$
begin
  if p_amount is null or p_amount < 1 or p_amount > 9007199254740991 then
    perform credits_raise('QF008', 'An amount of credits is a whole number of at least 1.',
      jsonb_build_object('amount', p_amount));
  end if;
end
$$;
