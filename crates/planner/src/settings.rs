//! Planner settings.

/// Cost constants and switches; names and defaults are PostgreSQL's.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// `seq_page_cost`
    pub seq_page_cost: f64,
    /// `random_page_cost`
    pub random_page_cost: f64,
    /// `cpu_tuple_cost`
    pub cpu_tuple_cost: f64,
    /// `cpu_index_tuple_cost`
    pub cpu_index_tuple_cost: f64,
    /// `cpu_operator_cost`
    pub cpu_operator_cost: f64,
    /// `effective_cache_size` in 8 kB pages
    pub effective_cache_size: f64,
    /// `work_mem` in kB
    pub work_mem: f64,
    /// `hash_mem_multiplier`
    pub hash_mem_multiplier: f64,
    /// `cursor_tuple_fraction`, for cursors; 0 plans for all rows
    pub tuple_fraction: f64,
    /// `enable_seqscan`
    pub enable_seqscan: bool,
    /// `enable_indexscan`
    pub enable_indexscan: bool,
    /// `enable_indexonlyscan`
    pub enable_indexonlyscan: bool,
    /// `enable_bitmapscan`
    pub enable_bitmapscan: bool,
    /// `enable_nestloop`
    pub enable_nestloop: bool,
    /// `enable_hashjoin`
    pub enable_hashjoin: bool,
    /// `enable_mergejoin`
    pub enable_mergejoin: bool,
    /// `enable_hashagg`
    pub enable_hashagg: bool,
    /// `enable_presorted_aggregate`
    pub enable_presorted_aggregate: bool,
    /// `enable_sort`
    pub enable_sort: bool,
    /// `enable_incremental_sort`
    pub enable_incremental_sort: bool,
    /// `enable_material`
    pub enable_material: bool,
    /// `enable_memoize`
    pub enable_memoize: bool,
    /// Relations up to which join orders are searched exhaustively (`join_collapse_limit`).
    pub join_search_limit: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            seq_page_cost: 1.0,
            random_page_cost: 4.0,
            cpu_tuple_cost: 0.01,
            cpu_index_tuple_cost: 0.005,
            cpu_operator_cost: 0.0025,
            effective_cache_size: 524_288.0,
            work_mem: 4096.0,
            hash_mem_multiplier: 2.0,
            tuple_fraction: 0.0,
            enable_seqscan: true,
            enable_indexscan: true,
            enable_indexonlyscan: true,
            enable_bitmapscan: true,
            enable_nestloop: true,
            enable_hashjoin: true,
            enable_mergejoin: true,
            enable_hashagg: true,
            enable_presorted_aggregate: true,
            enable_sort: true,
            enable_incremental_sort: true,
            enable_material: true,
            enable_memoize: true,
            join_search_limit: 8,
        }
    }
}

/// Added to the cost of a path that a setting disables, as PostgreSQL did before it counted disabled nodes.
pub(crate) const DISABLE_COST: f64 = 1.0e10;
