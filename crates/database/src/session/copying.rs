//! Data of COPY FROM STDIN.

use super::Session;
use crate::context::StatementCtx;
use crate::copy::CopyFrom;
use crate::output::{Output, Progress};
use crate::plan::Prepared;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::Datum;
use std::sync::Arc;

/// A COPY FROM STDIN in progress.
pub(super) struct CopyRun {
    pub copy: Box<dyn CopyFrom>,
    pub prepared: Arc<Prepared>,
    pub params: Arc<[Datum]>,
    /// In a simple query, whose other statements are to follow.
    pub simple: bool,
}

fn no_copy() -> Error {
    Error::internal("no COPY is in progress")
}

impl Session {
    /// Takes a piece of COPY data, cut anywhere. After an error the COPY is over.
    pub fn copy_data(&mut self, data: &[u8]) -> Result<()> {
        let running = self.env.interrupts.enter();
        let result = match &mut self.copy {
            None => Err(no_copy()),
            Some(run) => StatementCtx::new(&self.env, &run.prepared.source, &run.params, true)
                .and_then(|ctx| run.copy.data(data, &ctx)),
        };
        if result.is_err() {
            self.failed();
        }
        drop(running);
        result
    }

    /// Takes the end of the data and goes on with the statement, in a simple query also with those after it.
    pub fn copy_done(&mut self, out: &mut dyn Output) -> Result<Progress> {
        let running = self.env.interrupts.enter();
        let result = self.finish_copy(out);
        let result = self.settle(result, out);
        drop(running);
        result
    }

    fn finish_copy(&mut self, out: &mut dyn Output) -> Result<Progress> {
        let mut run = self.copy.take().ok_or_else(no_copy)?;
        let tag = {
            let ctx = StatementCtx::new(&self.env, &run.prepared.source, &run.params, true)?;
            run.copy.finish(&ctx)?
        };
        self.env.discloses.set(true);
        if run.simple {
            self.statement_done(&tag, out)?;
            return self.run_batch(out);
        }
        self.flush_notices(out);
        out.complete(&tag);
        Ok(Progress::Complete)
    }

    /// The client gives up: rolls back and returns the error to report.
    pub fn copy_fail(&mut self, reason: &str) -> Error {
        self.failed();
        err!(QUERY_CANCELED, "COPY from stdin failed: {reason}")
    }
}
