-- What an answer costs, and a thousand other operations beside it.

insert into credits.prices (operation, app_id, unit, unit_price, name)
select case n when 0 then 'chat.answer' else 'other.' || n end, 'chat', 'answer', 0.01, 'An answer'
from generate_series(0, 1000) as n;
