-- Tables of the tool that applied migrations before. What is applied stands in deployment.migration_checksums.

-- squawk-ignore ban-drop-table
drop table if exists
    deployment._yoyo_log, deployment._yoyo_migration, deployment._yoyo_version, deployment.yoyo_lock;
