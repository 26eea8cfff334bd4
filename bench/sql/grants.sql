grant usage on schema bench to bench_service, bench_api;
grant select, insert, update on all tables in schema bench to bench_service, bench_api;
grant execute on all functions in schema bench to bench_service, bench_api;
