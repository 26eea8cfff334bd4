-- Who could do how much, and when, can be told afterwards.
create trigger note_rule after insert or update or delete on credits.service_caps
for each row execute function credits._note_rule('service_caps');
