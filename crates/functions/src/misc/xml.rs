//! XML: there is none. The functions say so as a PostgreSQL without it does.

use crate::call::FnCtx;
use crate::{Builtin, Registry};
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::Datum;

fn unsupported(_: &FnCtx<'_>, _: &[Datum]) -> Result<Datum> {
    Err(err!(FEATURE_NOT_SUPPORTED, "unsupported XML feature")
        .detail("This functionality requires the server to be built with libxml support."))
}

const NAMES: &[&str] = &[
    "cursor_to_xml",
    "cursor_to_xmlschema",
    "database_to_xml",
    "database_to_xml_and_xmlschema",
    "database_to_xmlschema",
    "query_to_xml",
    "query_to_xml_and_xmlschema",
    "query_to_xmlschema",
    "schema_to_xml",
    "schema_to_xml_and_xmlschema",
    "schema_to_xmlschema",
    "table_to_xml",
    "table_to_xml_and_xmlschema",
    "table_to_xmlschema",
    "texttoxml",
    "xml_is_well_formed",
    "xml_is_well_formed_content",
    "xml_is_well_formed_document",
    "xmlcomment",
    "xmlconcat2",
    "xmlexists",
    "xmltext",
    "xmlvalidate",
    "xpath",
    "xpath_exists",
    "special:is_document",
    "special:xmlconcat",
    "special:xmlelement",
    "special:xmlforest",
    "special:xmlparse",
    "special:xmlpi",
    "special:xmlroot",
    "special:xmlserialize",
];

pub(crate) fn register(reg: &mut Registry) {
    for name in NAMES {
        reg.add(name, Builtin::Scalar(unsupported));
    }
}
