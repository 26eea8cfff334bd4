-- Gifts of a hundred portions, numbered, so that a script knows which one is next. Made by the service's own function.

create table bench.gifts as
select n as number, g.code
from generate_series(1, %(gifts)s) as n
cross join lateral gifts.create_gift(
    p_creator_id => 'user-' || ((n - 1) %% %(active)s + 1), p_total_credits => 100, p_total_portions => 100, p_type => 'split'
) g;
alter table bench.gifts add primary key (number);
