--@ pg_catalog.pg_roles
SELECT a.rolname, a.rolsuper, a.rolinherit, a.rolcreaterole, a.rolcreatedb, a.rolcanlogin, a.rolreplication,
       a.rolconnlimit, '********'::text AS rolpassword, a.rolvaliduntil, a.rolbypassrls, s.setconfig AS rolconfig, a.oid
FROM pg_catalog.pg_authid a
LEFT JOIN pg_catalog.pg_db_role_setting s ON s.setrole = a.oid AND s.setdatabase = 0
--@ pg_catalog.pg_shadow
SELECT a.rolname AS usename, a.oid AS usesysid, a.rolcreatedb AS usecreatedb, a.rolsuper AS usesuper,
       a.rolreplication AS userepl, a.rolbypassrls AS usebypassrls, a.rolpassword AS passwd,
       a.rolvaliduntil AS valuntil, s.setconfig AS useconfig
FROM pg_catalog.pg_authid a
LEFT JOIN pg_catalog.pg_db_role_setting s ON s.setrole = a.oid AND s.setdatabase = 0
WHERE a.rolcanlogin
--@ pg_catalog.pg_group
SELECT a.rolname AS groname, a.oid AS grosysid,
       ARRAY(SELECT m.member FROM pg_catalog.pg_auth_members m WHERE m.roleid = a.oid) AS grolist
FROM pg_catalog.pg_authid a WHERE NOT a.rolcanlogin
--@ pg_catalog.pg_user
SELECT s.usename, s.usesysid, s.usecreatedb, s.usesuper, s.userepl, s.usebypassrls, '********'::text AS passwd,
       s.valuntil, s.useconfig
FROM pg_catalog.pg_shadow s
--@ pg_catalog.pg_policies
SELECT n.nspname AS schemaname, c.relname AS tablename, p.polname AS policyname,
       CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END AS permissive,
       CASE WHEN p.polroles = '{0}'::oid[] THEN '{public}'::name[]
            ELSE ARRAY(SELECT a.rolname FROM pg_catalog.pg_authid a WHERE a.oid = ANY (p.polroles) ORDER BY a.rolname)
       END AS roles,
       CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
            WHEN '*' THEN 'ALL' END AS cmd,
       pg_catalog.pg_get_expr(p.polqual, p.polrelid) AS qual,
       pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) AS with_check
FROM pg_catalog.pg_policy p
JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
--@ pg_catalog.pg_rules
SELECT n.nspname AS schemaname, c.relname AS tablename, r.rulename, pg_catalog.pg_get_ruledef(r.oid) AS definition
FROM pg_catalog.pg_rewrite r
JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE r.rulename <> '_RETURN'
--@ pg_catalog.pg_views
SELECT n.nspname AS schemaname, c.relname AS viewname, pg_catalog.pg_get_userbyid(c.relowner) AS viewowner,
       pg_catalog.pg_get_viewdef(c.oid) AS definition
FROM pg_catalog.pg_class c
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'v'
--@ pg_catalog.pg_tables
SELECT n.nspname AS schemaname, c.relname AS tablename, pg_catalog.pg_get_userbyid(c.relowner) AS tableowner,
       t.spcname AS tablespace, c.relhasindex AS hasindexes, c.relhasrules AS hasrules,
       c.relhastriggers AS hastriggers, c.relrowsecurity AS rowsecurity
FROM pg_catalog.pg_class c
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_tablespace t ON t.oid = c.reltablespace
WHERE c.relkind IN ('r', 'p')
--@ pg_catalog.pg_matviews
SELECT n.nspname AS schemaname, c.relname AS matviewname, pg_catalog.pg_get_userbyid(c.relowner) AS matviewowner,
       t.spcname AS tablespace, c.relhasindex AS hasindexes, c.relispopulated AS ispopulated,
       pg_catalog.pg_get_viewdef(c.oid) AS definition
FROM pg_catalog.pg_class c
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_tablespace t ON t.oid = c.reltablespace
WHERE c.relkind = 'm'
--@ pg_catalog.pg_indexes
SELECT n.nspname AS schemaname, t.relname AS tablename, i.relname AS indexname, s.spcname AS tablespace,
       pg_catalog.pg_get_indexdef(i.oid) AS indexdef
FROM pg_catalog.pg_index x
JOIN pg_catalog.pg_class t ON t.oid = x.indrelid
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
LEFT JOIN pg_catalog.pg_tablespace s ON s.oid = i.reltablespace
WHERE t.relkind IN ('r', 'm', 'p') AND i.relkind IN ('i', 'I')
--@ pg_catalog.pg_sequences
SELECT n.nspname AS schemaname, c.relname AS sequencename, pg_catalog.pg_get_userbyid(c.relowner) AS sequenceowner,
       s.seqtypid::pg_catalog.regtype AS data_type, s.seqstart AS start_value, s.seqmin AS min_value,
       s.seqmax AS max_value, s.seqincrement AS increment_by, s.seqcycle AS cycle, s.seqcache AS cache_size,
       pg_catalog.pg_sequence_last_value(c.oid) AS last_value
FROM pg_catalog.pg_sequence s
JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'S' AND NOT pg_catalog.pg_is_other_temp_schema(n.oid)
--@ pg_catalog.pg_stats
SELECT n.nspname AS schemaname, c.relname AS tablename, a.attname, s.stainherit AS inherited,
       s.stanullfrac AS null_frac, s.stawidth AS avg_width, s.stadistinct AS n_distinct,
       CASE 1 WHEN s.stakind1 THEN s.stavalues1 WHEN s.stakind2 THEN s.stavalues2 WHEN s.stakind3 THEN s.stavalues3
              WHEN s.stakind4 THEN s.stavalues4 WHEN s.stakind5 THEN s.stavalues5 END AS most_common_vals,
       CASE 1 WHEN s.stakind1 THEN s.stanumbers1 WHEN s.stakind2 THEN s.stanumbers2
              WHEN s.stakind3 THEN s.stanumbers3 WHEN s.stakind4 THEN s.stanumbers4
              WHEN s.stakind5 THEN s.stanumbers5 END AS most_common_freqs,
       CASE 2 WHEN s.stakind1 THEN s.stavalues1 WHEN s.stakind2 THEN s.stavalues2 WHEN s.stakind3 THEN s.stavalues3
              WHEN s.stakind4 THEN s.stavalues4 WHEN s.stakind5 THEN s.stavalues5 END AS histogram_bounds,
       CASE 3 WHEN s.stakind1 THEN s.stanumbers1[1] WHEN s.stakind2 THEN s.stanumbers2[1]
              WHEN s.stakind3 THEN s.stanumbers3[1] WHEN s.stakind4 THEN s.stanumbers4[1]
              WHEN s.stakind5 THEN s.stanumbers5[1] END AS correlation,
       CASE 4 WHEN s.stakind1 THEN s.stavalues1 WHEN s.stakind2 THEN s.stavalues2 WHEN s.stakind3 THEN s.stavalues3
              WHEN s.stakind4 THEN s.stavalues4 WHEN s.stakind5 THEN s.stavalues5 END AS most_common_elems,
       CASE 4 WHEN s.stakind1 THEN s.stanumbers1 WHEN s.stakind2 THEN s.stanumbers2
              WHEN s.stakind3 THEN s.stanumbers3 WHEN s.stakind4 THEN s.stanumbers4
              WHEN s.stakind5 THEN s.stanumbers5 END AS most_common_elem_freqs,
       CASE 5 WHEN s.stakind1 THEN s.stanumbers1 WHEN s.stakind2 THEN s.stanumbers2
              WHEN s.stakind3 THEN s.stanumbers3 WHEN s.stakind4 THEN s.stanumbers4
              WHEN s.stakind5 THEN s.stanumbers5 END AS elem_count_histogram,
       CASE 6 WHEN s.stakind1 THEN s.stavalues1 WHEN s.stakind2 THEN s.stavalues2 WHEN s.stakind3 THEN s.stavalues3
              WHEN s.stakind4 THEN s.stavalues4 WHEN s.stakind5 THEN s.stavalues5 END AS range_length_histogram,
       CASE 6 WHEN s.stakind1 THEN s.stanumbers1[1] WHEN s.stakind2 THEN s.stanumbers2[1]
              WHEN s.stakind3 THEN s.stanumbers3[1] WHEN s.stakind4 THEN s.stanumbers4[1]
              WHEN s.stakind5 THEN s.stanumbers5[1] END AS range_empty_frac,
       CASE 7 WHEN s.stakind1 THEN s.stavalues1 WHEN s.stakind2 THEN s.stavalues2 WHEN s.stakind3 THEN s.stavalues3
              WHEN s.stakind4 THEN s.stavalues4 WHEN s.stakind5 THEN s.stavalues5 END AS range_bounds_histogram
FROM pg_catalog.pg_statistic s
JOIN pg_catalog.pg_class c ON c.oid = s.starelid
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = s.staattnum
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT a.attisdropped AND pg_catalog.has_column_privilege(c.oid, a.attnum, 'select')
--@ pg_catalog.pg_publication_tables
SELECT p.pubname, n.nspname AS schemaname, c.relname AS tablename,
       ARRAY(SELECT a.attname FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = g.relid AND a.attnum = ANY (g.attrs::int2[]) ORDER BY a.attnum) AS attnames,
       pg_catalog.pg_get_expr(g.qual, g.relid) AS rowfilter
FROM pg_catalog.pg_publication p, LATERAL pg_catalog.pg_get_publication_tables(p.pubname::text) AS g,
     pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = g.relid
--@ pg_catalog.pg_locks
SELECT * FROM pg_catalog.pg_lock_status()
--@ pg_catalog.pg_cursors
SELECT * FROM pg_catalog.pg_cursor()
--@ pg_catalog.pg_available_extensions
SELECT a.name, a.default_version, e.extversion AS installed_version, a.comment
FROM pg_catalog.pg_available_extensions() AS a
LEFT JOIN pg_catalog.pg_extension e ON e.extname = a.name
--@ pg_catalog.pg_available_extension_versions
SELECT a.name, a.version, e.extname IS NOT NULL AS installed, a.superuser, a.trusted, a.relocatable, a.schema,
       a.requires, a.comment
FROM pg_catalog.pg_available_extension_versions() AS a
LEFT JOIN pg_catalog.pg_extension e ON e.extname = a.name AND e.extversion = a.version
--@ pg_catalog.pg_prepared_xacts
SELECT x.transaction, x.gid, x.prepared, a.rolname AS owner, d.datname AS database
FROM pg_catalog.pg_prepared_xact() AS x
LEFT JOIN pg_catalog.pg_authid a ON a.oid = x.ownerid
LEFT JOIN pg_catalog.pg_database d ON d.oid = x.dbid
--@ pg_catalog.pg_prepared_statements
SELECT * FROM pg_catalog.pg_prepared_statement()
--@ pg_catalog.pg_settings
SELECT * FROM pg_catalog.pg_show_all_settings()
--@ pg_catalog.pg_file_settings
SELECT * FROM pg_catalog.pg_show_all_file_settings()
--@ pg_catalog.pg_hba_file_rules
SELECT * FROM pg_catalog.pg_hba_file_rules()
--@ pg_catalog.pg_ident_file_mappings
SELECT * FROM pg_catalog.pg_ident_file_mappings()
--@ pg_catalog.pg_timezone_abbrevs
SELECT z.abbrev, z.utc_offset, z.is_dst FROM pg_catalog.pg_timezone_abbrevs_zone() AS z
UNION ALL
SELECT a.abbrev, a.utc_offset, a.is_dst FROM pg_catalog.pg_timezone_abbrevs_abbrevs() AS a
WHERE a.abbrev NOT IN (SELECT z.abbrev FROM pg_catalog.pg_timezone_abbrevs_zone() AS z)
ORDER BY abbrev
--@ pg_catalog.pg_timezone_names
SELECT * FROM pg_catalog.pg_timezone_names()
--@ pg_catalog.pg_config
SELECT * FROM pg_catalog.pg_config()
--@ pg_catalog.pg_shmem_allocations
SELECT * FROM pg_catalog.pg_get_shmem_allocations()
--@ pg_catalog.pg_shmem_allocations_numa
SELECT * FROM pg_catalog.pg_get_shmem_allocations_numa()
--@ pg_catalog.pg_backend_memory_contexts
SELECT * FROM pg_catalog.pg_get_backend_memory_contexts()
--@ pg_catalog.pg_wait_events
SELECT * FROM pg_catalog.pg_get_wait_events()
--@ pg_catalog.pg_aios
SELECT * FROM pg_catalog.pg_get_aios()
--@ pg_catalog.pg_replication_origin_status
SELECT * FROM pg_catalog.pg_show_replication_origin_status()
--@ pg_catalog.pg_stat_slru
SELECT * FROM pg_catalog.pg_stat_get_slru()
--@ pg_catalog.pg_stat_io
SELECT * FROM pg_catalog.pg_stat_get_io()
--@ pg_catalog.pg_stat_recovery_prefetch
SELECT * FROM pg_catalog.pg_stat_get_recovery_prefetch()
--@ pg_catalog.pg_replication_slots
SELECT s.slot_name, s.plugin, s.slot_type, s.datoid, d.datname AS database, s.temporary, s.active, s.active_pid,
       s.xmin, s.catalog_xmin, s.restart_lsn, s.confirmed_flush_lsn, s.wal_status, s.safe_wal_size, s.two_phase,
       s.two_phase_at, s.inactive_since, s.conflicting, s.invalidation_reason, s.failover, s.synced
FROM pg_catalog.pg_get_replication_slots() AS s
LEFT JOIN pg_catalog.pg_database d ON d.oid = s.datoid
--@ pg_catalog.pg_stat_activity
SELECT s.datid, d.datname, s.pid, s.leader_pid, s.usesysid, u.rolname AS usename, s.application_name, s.client_addr,
       s.client_hostname, s.client_port, s.backend_start, s.xact_start, s.query_start, s.state_change,
       s.wait_event_type, s.wait_event, s.state, s.backend_xid, s.backend_xmin, s.query_id, s.query, s.backend_type
FROM pg_catalog.pg_stat_get_activity(NULL) AS s
LEFT JOIN pg_catalog.pg_database d ON d.oid = s.datid
LEFT JOIN pg_catalog.pg_authid u ON u.oid = s.usesysid
--@ pg_catalog.pg_stat_replication
SELECT s.pid, s.usesysid, u.rolname AS usename, s.application_name, s.client_addr, s.client_hostname, s.client_port,
       s.backend_start, s.backend_xmin, w.state, w.sent_lsn, w.write_lsn, w.flush_lsn, w.replay_lsn, w.write_lag,
       w.flush_lag, w.replay_lag, w.sync_priority, w.sync_state, w.reply_time
FROM pg_catalog.pg_stat_get_activity(NULL) AS s
JOIN pg_catalog.pg_stat_get_wal_senders() AS w ON w.pid = s.pid
LEFT JOIN pg_catalog.pg_authid u ON u.oid = s.usesysid
--@ pg_catalog.pg_stat_ssl
SELECT s.pid, s.ssl, s.sslversion AS version, s.sslcipher AS cipher, s.sslbits AS bits,
       s.ssl_client_dn AS client_dn, s.ssl_client_serial AS client_serial, s.ssl_issuer_dn AS issuer_dn
FROM pg_catalog.pg_stat_get_activity(NULL) AS s WHERE s.client_port IS NOT NULL
--@ pg_catalog.pg_stat_gssapi
SELECT s.pid, s.gss_auth AS gss_authenticated, s.gss_princ AS principal, s.gss_enc AS encrypted,
       s.gss_delegation AS credentials_delegated
FROM pg_catalog.pg_stat_get_activity(NULL) AS s WHERE s.client_port IS NOT NULL
--@ pg_catalog.pg_stat_database
SELECT d.oid AS datid, d.datname,
       CASE WHEN d.oid = 0 THEN 0 ELSE pg_catalog.pg_stat_get_db_numbackends(d.oid) END AS numbackends,
       pg_catalog.pg_stat_get_db_xact_commit(d.oid) AS xact_commit,
       pg_catalog.pg_stat_get_db_xact_rollback(d.oid) AS xact_rollback,
       pg_catalog.pg_stat_get_db_blocks_fetched(d.oid) - pg_catalog.pg_stat_get_db_blocks_hit(d.oid) AS blks_read,
       pg_catalog.pg_stat_get_db_blocks_hit(d.oid) AS blks_hit,
       pg_catalog.pg_stat_get_db_tuples_returned(d.oid) AS tup_returned,
       pg_catalog.pg_stat_get_db_tuples_fetched(d.oid) AS tup_fetched,
       pg_catalog.pg_stat_get_db_tuples_inserted(d.oid) AS tup_inserted,
       pg_catalog.pg_stat_get_db_tuples_updated(d.oid) AS tup_updated,
       pg_catalog.pg_stat_get_db_tuples_deleted(d.oid) AS tup_deleted,
       pg_catalog.pg_stat_get_db_conflict_all(d.oid) AS conflicts,
       pg_catalog.pg_stat_get_db_temp_files(d.oid) AS temp_files,
       pg_catalog.pg_stat_get_db_temp_bytes(d.oid) AS temp_bytes,
       pg_catalog.pg_stat_get_db_deadlocks(d.oid) AS deadlocks,
       pg_catalog.pg_stat_get_db_checksum_failures(d.oid) AS checksum_failures,
       pg_catalog.pg_stat_get_db_checksum_last_failure(d.oid) AS checksum_last_failure,
       pg_catalog.pg_stat_get_db_blk_read_time(d.oid) AS blk_read_time,
       pg_catalog.pg_stat_get_db_blk_write_time(d.oid) AS blk_write_time,
       pg_catalog.pg_stat_get_db_session_time(d.oid) AS session_time,
       pg_catalog.pg_stat_get_db_active_time(d.oid) AS active_time,
       pg_catalog.pg_stat_get_db_idle_in_transaction_time(d.oid) AS idle_in_transaction_time,
       pg_catalog.pg_stat_get_db_sessions(d.oid) AS sessions,
       pg_catalog.pg_stat_get_db_sessions_abandoned(d.oid) AS sessions_abandoned,
       pg_catalog.pg_stat_get_db_sessions_fatal(d.oid) AS sessions_fatal,
       pg_catalog.pg_stat_get_db_sessions_killed(d.oid) AS sessions_killed,
       pg_catalog.pg_stat_get_db_parallel_workers_to_launch(d.oid) AS parallel_workers_to_launch,
       pg_catalog.pg_stat_get_db_parallel_workers_launched(d.oid) AS parallel_workers_launched,
       pg_catalog.pg_stat_get_db_stat_reset_time(d.oid) AS stats_reset
FROM (SELECT 0::oid AS oid, NULL::name AS datname UNION ALL SELECT oid, datname FROM pg_catalog.pg_database) AS d
--@ pg_catalog.pg_stat_all_tables
SELECT c.oid AS relid, n.nspname AS schemaname, c.relname, pg_catalog.pg_stat_get_numscans(c.oid) AS seq_scan,
       pg_catalog.pg_stat_get_lastscan(c.oid) AS last_seq_scan,
       pg_catalog.pg_stat_get_tuples_returned(c.oid) AS seq_tup_read,
       x.scans AS idx_scan, x.last_scan AS last_idx_scan,
       x.fetched + pg_catalog.pg_stat_get_tuples_fetched(c.oid) AS idx_tup_fetch,
       pg_catalog.pg_stat_get_tuples_inserted(c.oid) AS n_tup_ins,
       pg_catalog.pg_stat_get_tuples_updated(c.oid) AS n_tup_upd,
       pg_catalog.pg_stat_get_tuples_deleted(c.oid) AS n_tup_del,
       pg_catalog.pg_stat_get_tuples_hot_updated(c.oid) AS n_tup_hot_upd,
       pg_catalog.pg_stat_get_tuples_newpage_updated(c.oid) AS n_tup_newpage_upd,
       pg_catalog.pg_stat_get_live_tuples(c.oid) AS n_live_tup,
       pg_catalog.pg_stat_get_dead_tuples(c.oid) AS n_dead_tup,
       pg_catalog.pg_stat_get_mod_since_analyze(c.oid) AS n_mod_since_analyze,
       pg_catalog.pg_stat_get_ins_since_vacuum(c.oid) AS n_ins_since_vacuum,
       pg_catalog.pg_stat_get_last_vacuum_time(c.oid) AS last_vacuum,
       pg_catalog.pg_stat_get_last_autovacuum_time(c.oid) AS last_autovacuum,
       pg_catalog.pg_stat_get_last_analyze_time(c.oid) AS last_analyze,
       pg_catalog.pg_stat_get_last_autoanalyze_time(c.oid) AS last_autoanalyze,
       pg_catalog.pg_stat_get_vacuum_count(c.oid) AS vacuum_count,
       pg_catalog.pg_stat_get_autovacuum_count(c.oid) AS autovacuum_count,
       pg_catalog.pg_stat_get_analyze_count(c.oid) AS analyze_count,
       pg_catalog.pg_stat_get_autoanalyze_count(c.oid) AS autoanalyze_count,
       pg_catalog.pg_stat_get_total_vacuum_time(c.oid) AS total_vacuum_time,
       pg_catalog.pg_stat_get_total_autovacuum_time(c.oid) AS total_autovacuum_time,
       pg_catalog.pg_stat_get_total_analyze_time(c.oid) AS total_analyze_time,
       pg_catalog.pg_stat_get_total_autoanalyze_time(c.oid) AS total_autoanalyze_time
FROM pg_catalog.pg_class c
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN (SELECT i.indrelid, sum(pg_catalog.pg_stat_get_numscans(i.indexrelid))::bigint AS scans,
                  max(pg_catalog.pg_stat_get_lastscan(i.indexrelid)) AS last_scan,
                  sum(pg_catalog.pg_stat_get_tuples_fetched(i.indexrelid))::bigint AS fetched
           FROM pg_catalog.pg_index i GROUP BY i.indrelid) AS x ON x.indrelid = c.oid
WHERE c.relkind IN ('r', 't', 'm', 'p')
--@ pg_catalog.pg_stat_sys_tables
SELECT * FROM pg_catalog.pg_stat_all_tables t
WHERE t.schemaname IN ('pg_catalog', 'information_schema') OR t.schemaname ~ '^pg_toast'
--@ pg_catalog.pg_stat_user_tables
SELECT * FROM pg_catalog.pg_stat_all_tables t
WHERE t.schemaname NOT IN ('pg_catalog', 'information_schema') AND t.schemaname !~ '^pg_toast'
--@ pg_catalog.pg_stat_all_indexes
SELECT c.oid AS relid, i.oid AS indexrelid, n.nspname AS schemaname, c.relname, i.relname AS indexrelname,
       pg_catalog.pg_stat_get_numscans(i.oid) AS idx_scan, pg_catalog.pg_stat_get_lastscan(i.oid) AS last_idx_scan,
       pg_catalog.pg_stat_get_tuples_returned(i.oid) AS idx_tup_read,
       pg_catalog.pg_stat_get_tuples_fetched(i.oid) AS idx_tup_fetch
FROM pg_catalog.pg_index x
JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 't', 'm')
--@ pg_catalog.pg_stat_sys_indexes
SELECT * FROM pg_catalog.pg_stat_all_indexes t
WHERE t.schemaname IN ('pg_catalog', 'information_schema') OR t.schemaname ~ '^pg_toast'
--@ pg_catalog.pg_stat_user_indexes
SELECT * FROM pg_catalog.pg_stat_all_indexes t
WHERE t.schemaname NOT IN ('pg_catalog', 'information_schema') AND t.schemaname !~ '^pg_toast'
--@ pg_catalog.pg_statio_all_tables
SELECT c.oid AS relid, n.nspname AS schemaname, c.relname,
       pg_catalog.pg_stat_get_blocks_fetched(c.oid) - pg_catalog.pg_stat_get_blocks_hit(c.oid) AS heap_blks_read,
       pg_catalog.pg_stat_get_blocks_hit(c.oid) AS heap_blks_hit, x.reads AS idx_blks_read, x.hits AS idx_blks_hit,
       pg_catalog.pg_stat_get_blocks_fetched(t.oid) - pg_catalog.pg_stat_get_blocks_hit(t.oid) AS toast_blks_read,
       pg_catalog.pg_stat_get_blocks_hit(t.oid) AS toast_blks_hit, y.reads AS tidx_blks_read, y.hits AS tidx_blks_hit
FROM pg_catalog.pg_class c
LEFT JOIN pg_catalog.pg_class t ON t.oid = c.reltoastrelid
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN LATERAL (SELECT sum(pg_catalog.pg_stat_get_blocks_fetched(i.indexrelid)
                              - pg_catalog.pg_stat_get_blocks_hit(i.indexrelid))::bigint AS reads,
                          sum(pg_catalog.pg_stat_get_blocks_hit(i.indexrelid))::bigint AS hits
                   FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid) AS x ON true
LEFT JOIN LATERAL (SELECT sum(pg_catalog.pg_stat_get_blocks_fetched(i.indexrelid)
                              - pg_catalog.pg_stat_get_blocks_hit(i.indexrelid))::bigint AS reads,
                          sum(pg_catalog.pg_stat_get_blocks_hit(i.indexrelid))::bigint AS hits
                   FROM pg_catalog.pg_index i WHERE i.indrelid = t.oid) AS y ON true
WHERE c.relkind IN ('r', 't', 'm')
--@ pg_catalog.pg_statio_sys_tables
SELECT * FROM pg_catalog.pg_statio_all_tables t
WHERE t.schemaname IN ('pg_catalog', 'information_schema') OR t.schemaname ~ '^pg_toast'
--@ pg_catalog.pg_statio_user_tables
SELECT * FROM pg_catalog.pg_statio_all_tables t
WHERE t.schemaname NOT IN ('pg_catalog', 'information_schema') AND t.schemaname !~ '^pg_toast'
--@ pg_catalog.pg_statio_all_indexes
SELECT c.oid AS relid, i.oid AS indexrelid, n.nspname AS schemaname, c.relname, i.relname AS indexrelname,
       pg_catalog.pg_stat_get_blocks_fetched(i.oid) - pg_catalog.pg_stat_get_blocks_hit(i.oid) AS idx_blks_read,
       pg_catalog.pg_stat_get_blocks_hit(i.oid) AS idx_blks_hit
FROM pg_catalog.pg_index x
JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 't', 'm')
--@ pg_catalog.pg_statio_sys_indexes
SELECT * FROM pg_catalog.pg_statio_all_indexes t
WHERE t.schemaname IN ('pg_catalog', 'information_schema') OR t.schemaname ~ '^pg_toast'
--@ pg_catalog.pg_statio_user_indexes
SELECT * FROM pg_catalog.pg_statio_all_indexes t
WHERE t.schemaname NOT IN ('pg_catalog', 'information_schema') AND t.schemaname !~ '^pg_toast'
--@ pg_catalog.pg_statio_all_sequences
SELECT c.oid AS relid, n.nspname AS schemaname, c.relname,
       pg_catalog.pg_stat_get_blocks_fetched(c.oid) - pg_catalog.pg_stat_get_blocks_hit(c.oid) AS blks_read,
       pg_catalog.pg_stat_get_blocks_hit(c.oid) AS blks_hit
FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'S'
--@ pg_catalog.pg_statio_sys_sequences
SELECT * FROM pg_catalog.pg_statio_all_sequences t
WHERE t.schemaname IN ('pg_catalog', 'information_schema') OR t.schemaname ~ '^pg_toast'
--@ pg_catalog.pg_statio_user_sequences
SELECT * FROM pg_catalog.pg_statio_all_sequences t
WHERE t.schemaname NOT IN ('pg_catalog', 'information_schema') AND t.schemaname !~ '^pg_toast'
--@ pg_catalog.pg_stat_user_functions
SELECT p.oid AS funcid, n.nspname AS schemaname, p.proname AS funcname,
       pg_catalog.pg_stat_get_function_calls(p.oid) AS calls,
       pg_catalog.pg_stat_get_function_total_time(p.oid) AS total_time,
       pg_catalog.pg_stat_get_function_self_time(p.oid) AS self_time
FROM pg_catalog.pg_proc p LEFT JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.prolang <> 12 AND pg_catalog.pg_stat_get_function_calls(p.oid) IS NOT NULL
--@ pg_catalog.pg_stat_bgwriter
SELECT pg_catalog.pg_stat_get_bgwriter_buf_written_clean() AS buffers_clean,
       pg_catalog.pg_stat_get_bgwriter_maxwritten_clean() AS maxwritten_clean,
       pg_catalog.pg_stat_get_buf_alloc() AS buffers_alloc,
       pg_catalog.pg_stat_get_bgwriter_stat_reset_time() AS stats_reset
--@ pg_catalog.pg_user_mappings
SELECT m.oid AS umid, s.oid AS srvid, s.srvname, m.umuser,
       CASE WHEN m.umuser = 0 THEN 'public' ELSE a.rolname END AS usename,
       CASE WHEN (m.umuser <> 0 AND a.rolname = current_user
                  AND (pg_catalog.pg_has_role(s.srvowner, 'USAGE')
                       OR pg_catalog.has_server_privilege(s.oid, 'USAGE')))
                 OR (m.umuser = 0 AND pg_catalog.pg_has_role(s.srvowner, 'USAGE'))
                 OR (SELECT r.rolsuper FROM pg_catalog.pg_authid r WHERE r.rolname = current_user)
            THEN m.umoptions END AS umoptions
FROM pg_catalog.pg_user_mapping m
JOIN pg_catalog.pg_foreign_server s ON s.oid = m.umserver
LEFT JOIN pg_catalog.pg_authid a ON a.oid = m.umuser

--@ pg_catalog.pg_seclabels
SELECT l.objoid, l.classoid, l.objsubid, i.type AS objtype, n.oid AS objnamespace, i.identity AS objname,
  l.provider, l.label
FROM pg_catalog.pg_seclabel AS l
CROSS JOIN LATERAL pg_catalog.pg_identify_object(l.classoid, l.objoid, l.objsubid) AS i
LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = i.schema
UNION ALL
SELECT l.objoid, l.classoid, 0, i.type, NULL::pg_catalog.oid, i.identity, l.provider, l.label
FROM pg_catalog.pg_shseclabel AS l
CROSS JOIN LATERAL pg_catalog.pg_identify_object(l.classoid, l.objoid, 0) AS i
