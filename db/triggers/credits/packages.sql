create trigger assign_package_id before insert on credits.packages for each row when (new.id is null) execute function credits._assign_package_id();
