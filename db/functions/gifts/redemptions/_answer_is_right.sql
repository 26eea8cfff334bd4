create or replace function gifts._answer_is_right(p_answer text, p_hash text) returns boolean
language sql immutable
as $$
    select gifts._riddle_hash(p_answer, split_part(p_hash, ':', 1)) = p_hash
$$;

comment on function gifts._answer_is_right is 'Whether p_answer is the answer that was kept as p_hash';
