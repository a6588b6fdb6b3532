//! `TRUNCATE`, `LOCK`, `VACUUM` and other maintenance, notifications.

use super::Printer;
use crate::ast::{DefElem, DiscardStatement, LockMode, ReindexTarget, Statement};

fn lock_mode(mode: LockMode) -> &'static str {
    match mode {
        LockMode::AccessShare => "ACCESS SHARE",
        LockMode::RowShare => "ROW SHARE",
        LockMode::RowExclusive => "ROW EXCLUSIVE",
        LockMode::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
        LockMode::Share => "SHARE",
        LockMode::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
        LockMode::Exclusive => "EXCLUSIVE",
        LockMode::AccessExclusive => "ACCESS EXCLUSIVE",
    }
}

impl Printer {
    /// ` (option value, ...)` unless empty.
    fn opt_utility_options(&mut self, options: &[DefElem]) {
        self.opt_paren_list(options, Self::utility_option);
    }

    pub(super) fn maintenance(&mut self, statement: &Statement) {
        match statement {
            Statement::Truncate(truncate) => {
                self.text("TRUNCATE ");
                self.list(&truncate.relations, Self::relation);
                self.text_if(truncate.restart_identity, " RESTART IDENTITY");
                self.drop_behavior(truncate.behavior);
            }
            Statement::Lock(lock) => {
                self.text("LOCK TABLE ");
                self.list(&lock.relations, Self::relation);
                self.display(format_args!(" IN {} MODE", lock_mode(lock.mode)));
                self.text_if(lock.nowait, " NOWAIT");
            }
            Statement::Vacuum(vacuum) => {
                self.text(if vacuum.vacuum { "VACUUM" } else { "ANALYZE" });
                self.opt_utility_options(&vacuum.options);
                self.text_if(!vacuum.relations.is_empty(), " ");
                self.list(&vacuum.relations, |p, relation| {
                    p.relation(&relation.relation);
                    p.opt_paren_list(&relation.columns, Self::ident);
                });
            }
            Statement::Cluster(cluster) => {
                self.text("CLUSTER");
                self.opt_utility_options(&cluster.options);
                self.optional(" ", cluster.relation.as_ref(), Self::name);
                self.optional(" USING ", cluster.index.as_ref(), Self::ident);
            }
            Statement::Reindex(reindex) => {
                self.text("REINDEX");
                self.opt_utility_options(&reindex.options);
                match &reindex.target {
                    ReindexTarget::Index(name) => self.optional(" INDEX ", Some(name), Self::name),
                    ReindexTarget::Table(name) => self.optional(" TABLE ", Some(name), Self::name),
                    ReindexTarget::Schema(name) => self.optional(" SCHEMA ", Some(name), Self::ident),
                    ReindexTarget::System(name) => {
                        self.text(" SYSTEM");
                        self.optional(" ", name.as_ref(), Self::ident);
                    }
                    ReindexTarget::Database(name) => {
                        self.text(" DATABASE");
                        self.optional(" ", name.as_ref(), Self::ident);
                    }
                }
            }
            Statement::RefreshMaterializedView(refresh) => {
                self.text("REFRESH MATERIALIZED VIEW ");
                self.text_if(refresh.concurrently, "CONCURRENTLY ");
                self.name(&refresh.name);
                self.text_if(refresh.no_data, " WITH NO DATA");
            }
            Statement::Checkpoint => self.text("CHECKPOINT"),
            Statement::Listen(listen) => self.optional("LISTEN ", Some(&listen.channel), Self::ident),
            Statement::Unlisten(unlisten) => match &unlisten.channel {
                Some(channel) => self.optional("UNLISTEN ", Some(channel), Self::ident),
                None => self.text("UNLISTEN *"),
            },
            Statement::Notify(notify) => {
                self.text("NOTIFY ");
                self.ident(&notify.channel);
                self.optional(", ", notify.payload.as_ref(), |p, payload| p.string(payload));
            }
            Statement::Load(load) => {
                self.text("LOAD ");
                self.string(&load.file);
            }
            Statement::Discard(discard) => self.text(match discard {
                DiscardStatement::All => "DISCARD ALL",
                DiscardStatement::Plans => "DISCARD PLANS",
                DiscardStatement::Sequences => "DISCARD SEQUENCES",
                DiscardStatement::Temp => "DISCARD TEMP",
            }),
            _ => {}
        }
    }
}
