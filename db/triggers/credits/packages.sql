-- What was sold for how much, and since when, can be told afterwards, whoever changed it.
create trigger note_rule after insert or update or delete on credits.packages
for each row execute function credits._note_rule('packages');
