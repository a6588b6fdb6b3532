//! Dependencies and what DROP takes with it.
#![allow(missing_docs)]

mod common;

use common::Db;
use pglitedb_catalog::builtin::columns::*;
use pglitedb_tables::system::{DependencyKind, DropBehavior, DropReason, ObjectAddress};

const TABLE: ObjectAddress = ObjectAddress { class: pg_class::RELATION, object: 20000, part: 0 };
const INDEX: ObjectAddress = ObjectAddress { class: pg_class::RELATION, object: 20001, part: 0 };
const TYPE: ObjectAddress = ObjectAddress { class: pg_type::RELATION, object: 20002, part: 0 };
const VIEW: ObjectAddress = ObjectAddress { class: pg_class::RELATION, object: 20010, part: 0 };
const RULE: ObjectAddress = ObjectAddress { class: pg_rewrite::RELATION, object: 20011, part: 0 };
const OVER: ObjectAddress = ObjectAddress { class: pg_class::RELATION, object: 20020, part: 0 };
const OVER_RULE: ObjectAddress = ObjectAddress { class: pg_rewrite::RELATION, object: 20021, part: 0 };

fn name(object: ObjectAddress) -> pglitedb_sqlstate::Result<String> {
    let whole = match object.object {
        20000 => "table t",
        20001 => "index i",
        20002 => "type t",
        20010 => "view v",
        20020 => "view w",
        _ => "rule",
    };
    Ok(if object.part == 0 { whole.to_owned() } else { format!("column c of {whole}") })
}

#[test]
fn drop_finds_what_depends() {
    let db = Db::new();
    let ddl = db.ddl();
    let writer = db.writer(&ddl);
    let column = ObjectAddress::column(20000, 1);
    let record = |a, b, kind| writer.record_dependency(a, b, kind).expect("recorded");
    record(INDEX, column, DependencyKind::Auto);
    record(TYPE, TABLE, DependencyKind::Internal);
    record(RULE, VIEW, DependencyKind::Internal);
    record(RULE, VIEW, DependencyKind::Normal);
    record(RULE, column, DependencyKind::Normal);
    record(OVER_RULE, OVER, DependencyKind::Internal);
    record(OVER_RULE, VIEW, DependencyKind::Normal);

    let error = writer.plan_drop(&[TABLE], DropBehavior::Restrict, &name).expect_err("refused");
    assert_eq!(error.code().as_str(), "2BP01");
    assert_eq!(error.message(), "cannot drop table t because other objects depend on it");
    assert_eq!(error.fields().detail.as_deref(), Some("view v depends on table t\nview w depends on view v"));
    let plan = writer.plan_drop(&[TABLE], DropBehavior::Cascade, &name).expect("a plan");
    let order: Vec<_> = plan.drops.iter().map(|drop| drop.object).collect();
    let place = |object| order.iter().position(|at| *at == object).expect("planned");
    assert_eq!(order.len(), 7);
    assert!(place(OVER) < place(VIEW) && place(VIEW) < place(TABLE) && place(INDEX) < place(TABLE));
    assert!(place(TYPE) < place(TABLE) && place(RULE) < place(VIEW));
    assert!(plan.drops.iter().any(|drop| drop.object == INDEX && drop.reason == DropReason::Implied));

    let error = writer.plan_drop(&[TYPE], DropBehavior::Cascade, &name).expect_err("refused");
    assert_eq!(error.message(), "cannot drop type t because table t requires it");
    assert_eq!(error.fields().hint.as_deref(), Some("You can drop table t instead."));
    // Dropping a column takes its index, not the table.
    let plan = writer.plan_drop(&[column], DropBehavior::Cascade, &name).expect("a plan");
    assert!(
        plan.drops.iter().any(|drop| drop.object == INDEX)
            && plan.drops.iter().all(|drop| drop.object != TABLE)
    );
    // Forgotten dependencies do not count.
    writer.delete_dependencies_of(RULE).expect("forgotten");
    assert!(writer.plan_drop(&[TABLE], DropBehavior::Restrict, &name).is_ok());
    // Comments.
    writer.set_description(TABLE, Some("a")).expect("set");
    writer.set_description(TABLE, Some("b")).expect("changed");
    writer.set_description(TABLE, None).expect("removed");
    writer.delete_descriptions(TABLE).expect("nothing to do");
}
