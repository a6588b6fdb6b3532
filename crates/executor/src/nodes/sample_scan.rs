//! TABLESAMPLE BERNOULLI and SYSTEM: each row (or block of rows) is taken with the given probability, decided by a hash
//! of its identity and the seed.

use super::seq_scan::SeqScan;
use crate::expr::{CompileCtx, Compiled, EvalRow, compile};
use crate::runtime::Runtime;
use pglitedb_query_tree::{Plan, PlanNode};
use pglitedb_sqlstate::{Error, Result, bail};
use pglitedb_tables::RowId;
use pglitedb_types::Datum;

/// Rows in what SYSTEM treats as a block.
const BLOCK_ROWS: u64 = 64;

/// A sample's state.
pub(crate) struct Sample {
    by_block: bool,
    percent: Compiled,
    repeatable: Option<Compiled>,
    /// Chance as a fraction of `u64::MAX`, and the seed, once evaluated.
    drawn: Option<(u64, u64)>,
}

/// Makes a sequential scan a sample.
pub(crate) fn sampled(plan: &Plan, mut scan: SeqScan, ctx: &mut CompileCtx<'_>) -> Result<SeqScan> {
    let PlanNode::SampleScan { method, args, repeatable, .. } = &plan.node else {
        return Err(Error::internal("not a sample scan"));
    };
    let by_block = match *method {
        3313 => false,
        3314 => true,
        _ => return Err(Error::unsupported("this TABLESAMPLE method is not supported")),
    };
    let percent = args.first().ok_or_else(|| Error::internal("TABLESAMPLE without argument"))?;
    scan.sample = Some(Sample {
        by_block,
        percent: compile(percent, ctx)?,
        repeatable: repeatable.as_ref().map(|seed| compile(seed, ctx)).transpose()?,
        drawn: None,
    });
    Ok(scan)
}

impl Sample {
    /// Is the row part of the sample?
    pub(crate) fn takes(&mut self, id: RowId, rt: &Runtime<'_>) -> Result<bool> {
        let (chance, seed) = match self.drawn {
            Some(drawn) => drawn,
            None => {
                let drawn = self.draw(rt)?;
                *self.drawn.insert(drawn)
            }
        };
        let unit = if self.by_block { id.0 / BLOCK_ROWS } else { id.0 };
        let mut hash = unit.wrapping_add(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Ok(hash ^ (hash >> 31) < chance || chance == u64::MAX)
    }

    fn draw(&self, rt: &Runtime<'_>) -> Result<(u64, u64)> {
        let percent = match self.percent.eval(&EvalRow::default(), rt)? {
            Datum::Float4(percent) => f64::from(percent),
            Datum::Float8(percent) => percent,
            _ => bail!(INVALID_TABLESAMPLE_ARGUMENT, "TABLESAMPLE parameter cannot be null"),
        };
        if !(0.0..=100.0).contains(&percent) {
            bail!(INVALID_TABLESAMPLE_ARGUMENT, "sample percentage must be between 0 and 100");
        }
        let seed = match &self.repeatable {
            Some(seed) => match seed.eval(&EvalRow::default(), rt)? {
                Datum::Float8(seed) => seed.to_bits(),
                _ => bail!(INVALID_TABLESAMPLE_REPEAT, "TABLESAMPLE REPEATABLE parameter cannot be null"),
            },
            None => rt.env.random_u64(),
        };
        let chance = if percent >= 100.0 { u64::MAX } else { (percent / 100.0 * u64::MAX as f64) as u64 };
        Ok((chance, seed))
    }

    pub(crate) fn restart(&mut self) {
        self.drawn = None;
    }
}
