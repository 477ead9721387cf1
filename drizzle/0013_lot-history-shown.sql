-- It takes how many parts to tell, and answers another result.
drop function if exists credits_lot_history(text, bigint[], timestamptz);
