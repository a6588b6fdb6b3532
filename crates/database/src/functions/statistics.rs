//! Counters (`pg_stat_*`). What is not counted here reads as in a PostgreSQL whose counters were just reset: zero, or
//! NULL for times.

use super::env_of;
use super::rows::set;
use pglitedb_catalog::Catalog;
use pglitedb_functions::{Builtin, FnCtx, Registry, scalars};
use pglitedb_sqlstate::Result;
use pglitedb_types::Datum;

/// Rows of a table, as storage estimates them.
fn live_rows(ctx: &FnCtx<'_>, oid: u32) -> Result<i64> {
    let env = env_of(ctx)?;
    Ok(env.row_estimate(oid).map_or(0, |rows| rows as i64))
}

pub(super) fn register(reg: &mut Registry) {
    macro_rules! constant {
        ($value:expr; $($name:literal)*) => {$(
            reg.add($name, Builtin::Scalar(|_, _| Ok($value)));
        )*};
    }
    // Counters of relations, of functions, of databases, of the background writer.
    constant!(Datum::Int8(0);
        "pg_stat_get_numscans" "pg_stat_get_tuples_returned" "pg_stat_get_tuples_fetched"
        "pg_stat_get_tuples_inserted" "pg_stat_get_tuples_updated" "pg_stat_get_tuples_deleted"
        "pg_stat_get_tuples_hot_updated" "pg_stat_get_tuples_newpage_updated" "pg_stat_get_dead_tuples"
        "pg_stat_get_mod_since_analyze" "pg_stat_get_ins_since_vacuum" "pg_stat_get_blocks_fetched"
        "pg_stat_get_blocks_hit" "pg_stat_get_vacuum_count" "pg_stat_get_autovacuum_count"
        "pg_stat_get_analyze_count" "pg_stat_get_autoanalyze_count"
        "pg_stat_get_xact_numscans" "pg_stat_get_xact_tuples_returned" "pg_stat_get_xact_tuples_fetched"
        "pg_stat_get_xact_tuples_inserted" "pg_stat_get_xact_tuples_updated" "pg_stat_get_xact_tuples_deleted"
        "pg_stat_get_xact_tuples_hot_updated" "pg_stat_get_xact_tuples_newpage_updated"
        "pg_stat_get_xact_blocks_fetched" "pg_stat_get_xact_blocks_hit"
        "pg_stat_get_db_xact_commit" "pg_stat_get_db_xact_rollback" "pg_stat_get_db_blocks_fetched"
        "pg_stat_get_db_blocks_hit" "pg_stat_get_db_tuples_returned" "pg_stat_get_db_tuples_fetched"
        "pg_stat_get_db_tuples_inserted" "pg_stat_get_db_tuples_updated" "pg_stat_get_db_tuples_deleted"
        "pg_stat_get_db_conflict_tablespace" "pg_stat_get_db_conflict_lock" "pg_stat_get_db_conflict_snapshot"
        "pg_stat_get_db_conflict_logicalslot" "pg_stat_get_db_conflict_bufferpin"
        "pg_stat_get_db_conflict_startup_deadlock" "pg_stat_get_db_conflict_all" "pg_stat_get_db_deadlocks"
        "pg_stat_get_db_temp_files" "pg_stat_get_db_temp_bytes" "pg_stat_get_db_sessions"
        "pg_stat_get_db_sessions_abandoned" "pg_stat_get_db_sessions_fatal" "pg_stat_get_db_sessions_killed"
        "pg_stat_get_db_parallel_workers_to_launch" "pg_stat_get_db_parallel_workers_launched"
        "pg_stat_get_bgwriter_buf_written_clean" "pg_stat_get_bgwriter_maxwritten_clean"
        "pg_stat_get_buf_alloc" "pg_stat_get_checkpointer_num_timed" "pg_stat_get_checkpointer_num_requested"
        "pg_stat_get_checkpointer_restartpoints_timed" "pg_stat_get_checkpointer_restartpoints_requested"
        "pg_stat_get_checkpointer_restartpoints_performed" "pg_stat_get_checkpointer_buffers_written"
        "pg_stat_get_checkpointer_slru_written");
    constant!(Datum::Float8(0.0);
        "pg_stat_get_db_blk_read_time" "pg_stat_get_db_blk_write_time" "pg_stat_get_db_session_time"
        "pg_stat_get_db_active_time" "pg_stat_get_db_idle_in_transaction_time"
        "pg_stat_get_total_vacuum_time" "pg_stat_get_total_autovacuum_time" "pg_stat_get_total_analyze_time"
        "pg_stat_get_total_autoanalyze_time" "pg_stat_get_checkpointer_sync_time"
        "pg_stat_get_checkpointer_write_time");
    constant!(Datum::Null;
        "pg_stat_get_lastscan" "pg_stat_get_last_vacuum_time" "pg_stat_get_last_autovacuum_time"
        "pg_stat_get_last_analyze_time" "pg_stat_get_last_autoanalyze_time" "pg_stat_get_db_stat_reset_time"
        "pg_stat_get_db_checksum_failures" "pg_stat_get_db_checksum_last_failure"
        "pg_stat_get_bgwriter_stat_reset_time" "pg_stat_get_checkpointer_stat_reset_time"
        "pg_stat_get_function_calls" "pg_stat_get_function_total_time" "pg_stat_get_function_self_time"
        "pg_stat_get_xact_function_calls" "pg_stat_get_xact_function_total_time"
        "pg_stat_get_xact_function_self_time" "pg_stat_get_snapshot_timestamp" "pg_xact_commit_timestamp");
    scalars!(reg;
        "pg_stat_get_live_tuples" => [ctx] |oid: u32| live_rows(ctx, oid);
        "pg_stat_get_checkpointer_num_performed" => [ctx] | | {
            i64::try_from(env_of(ctx)?.cluster.engine.metrics().checkpoints).unwrap_or(i64::MAX)
        };
    );
    // Lists of what there is none of here: replication, extensions, prepared transactions, progress.
    macro_rules! empty {
        ($($name:literal)*) => {$(
            reg.add($name, Builtin::Set(|_, _| set(Vec::new())));
        )*};
    }
    empty!(
        "pg_stat_get_wal_senders" "pg_get_replication_slots" "pg_show_replication_origin_status"
        "pg_stat_get_subscription" "pg_stat_get_progress_info" "pg_prepared_xact" "pg_available_extensions"
        "pg_available_extension_versions" "pg_get_publication_tables" "pg_hba_file_rules" "pg_ident_file_mappings"
        "show_all_file_settings" "pg_stat_get_slru" "pg_stat_get_io" "pg_stat_get_recovery_prefetch");
}
