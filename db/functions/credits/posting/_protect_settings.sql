create or replace function credits._protect_settings() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'UPDATE' and exists (select from pg_timezone_names where name = new.limits_time_zone) then
        return new;
    end if;
    raise exception using
        errcode = 'UC017',
        message = 'The settings stay, and name a time zone that the server knows',
        hint = 'Take a name such as Europe/Berlin';
end
$$;

comment on function credits._protect_settings is
    'Trigger: refuses to delete the settings, and a time zone that the server does not know (UC017)';
