-- There is one row, and some of it stays as it is.
create trigger protect_settings before update or delete on credits.settings
for each row execute function credits._protect_settings();
create trigger protect_from_truncate before truncate on credits.settings
for each statement execute function credits._protect_settings();
create trigger note_rule after update on credits.settings for each row execute function credits._note_rule('settings');
alter table credits.settings enable always trigger protect_settings;
alter table credits.settings enable always trigger protect_from_truncate;
