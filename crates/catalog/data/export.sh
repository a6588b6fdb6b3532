#!/bin/sh
# Exports the built-in catalog rows (facts: names, OIDs, flags) of a freshly initialised PostgreSQL 18 cluster into the
# files beside this script, in COPY text format with a header line. Usage: PSQL="psql -h localhost ..." ./export.sh
set -eu
cd "$(dirname "$0")"
export PGOPTIONS='-c search_path=pg_catalog -c client_min_messages=warning'
out() { # file, query
    $PSQL -qX -c "COPY ($2) TO STDOUT WITH (FORMAT text, HEADER)" > "$1.tsv"
}
own="relnamespace IN (11, 'information_schema'::regnamespace)"
out pg_type "SELECT oid,typname,typnamespace,typowner,typlen,typbyval,typtype,typcategory,typispreferred,typisdefined,
  typdelim,typrelid,typsubscript::oid,typelem,typarray,typinput::oid,typoutput::oid,typreceive::oid,typsend::oid,
  typmodin::oid,typmodout::oid,typanalyze::oid,typalign,typstorage,typnotnull,typbasetype,typtypmod,typndims,
  typcollation,NULL AS typdefaultbin,typdefault,typacl FROM pg_type ORDER BY oid"
out pg_proc "SELECT oid,proname,pronamespace,proowner,prolang,procost,prorows,provariadic,prosupport::oid,prokind,
  prosecdef,proleakproof,proisstrict,proretset,provolatile,proparallel,pronargs,pronargdefaults,prorettype,proargtypes,
  proallargtypes,proargmodes,proargnames,NULL AS proargdefaults,protrftypes,
  CASE WHEN prolang = 14 THEN '' ELSE prosrc END AS prosrc,probin,NULL AS prosqlbody,proconfig,proacl
  FROM pg_proc ORDER BY oid"
out pg_proc_argdefaults "SELECT oid, pg_get_expr(proargdefaults, 0) AS defaults FROM pg_proc
  WHERE pronargdefaults > 0 ORDER BY oid"
out pg_operator "SELECT oid,oprname,oprnamespace,oprowner,oprkind,oprcanmerge,oprcanhash,oprleft,oprright,oprresult,
  oprcom,oprnegate,oprcode::oid,oprrest::oid,oprjoin::oid FROM pg_operator ORDER BY oid"
out pg_aggregate "SELECT aggfnoid::oid,aggkind,aggnumdirectargs,aggtransfn::oid,aggfinalfn::oid,aggcombinefn::oid,
  aggserialfn::oid,aggdeserialfn::oid,aggmtransfn::oid,aggminvtransfn::oid,aggmfinalfn::oid,aggfinalextra,aggmfinalextra,
  aggfinalmodify,aggmfinalmodify,aggsortop,aggtranstype,aggtransspace,aggmtranstype,aggmtransspace,agginitval,
  aggminitval FROM pg_aggregate ORDER BY aggfnoid::oid"
out pg_cast "SELECT * FROM pg_cast ORDER BY oid"
out pg_am "SELECT oid,amname,amhandler::oid,amtype FROM pg_am ORDER BY oid"
out pg_amop "SELECT * FROM pg_amop ORDER BY oid"
out pg_amproc "SELECT oid,amprocfamily,amproclefttype,amprocrighttype,amprocnum,amproc::oid FROM pg_amproc ORDER BY oid"
out pg_opclass "SELECT * FROM pg_opclass ORDER BY oid"
out pg_opfamily "SELECT * FROM pg_opfamily ORDER BY oid"
out pg_collation "SELECT * FROM pg_collation ORDER BY oid"
out pg_conversion "SELECT oid,conname,connamespace,conowner,conforencoding,contoencoding,conproc::oid,condefault
  FROM pg_conversion ORDER BY oid"
out pg_language "SELECT * FROM pg_language ORDER BY oid"
out pg_namespace "SELECT * FROM pg_namespace ORDER BY oid"
out pg_authid "SELECT oid,rolname,rolsuper,rolinherit,rolcreaterole,rolcreatedb,rolcanlogin,rolreplication,rolbypassrls,
  rolconnlimit,NULL AS rolpassword,rolvaliduntil FROM pg_authid ORDER BY oid"
out pg_auth_members "SELECT * FROM pg_auth_members ORDER BY oid"
out pg_database "SELECT * FROM pg_database ORDER BY oid"
out pg_tablespace "SELECT * FROM pg_tablespace ORDER BY oid"
out pg_range "SELECT rngtypid,rngsubtype,rngmultitypid,rngcollation,rngsubopc,rngcanonical::oid,rngsubdiff::oid
  FROM pg_range ORDER BY 1"
out pg_ts_config "SELECT * FROM pg_ts_config ORDER BY oid"
out pg_ts_config_map "SELECT * FROM pg_ts_config_map ORDER BY 1,2,3"
out pg_ts_dict "SELECT * FROM pg_ts_dict ORDER BY oid"
out pg_ts_parser "SELECT oid,prsname,prsnamespace,prsstart::oid,prstoken::oid,prsend::oid,prsheadline::oid,prslextype::oid
  FROM pg_ts_parser ORDER BY oid"
out pg_ts_template "SELECT oid,tmplname,tmplnamespace,tmplinit::oid,tmpllexize::oid FROM pg_ts_template ORDER BY oid"
out pg_class "SELECT oid,relname,relnamespace,reltype,relowner,relam,relkind,relnatts,relisshared,relhasindex,relhasrules,
  relreplident,reltablespace,relacl,reloptions FROM pg_class WHERE $own ORDER BY oid"
out pg_attribute "SELECT attrelid,attnum,attname,atttypid,atttypmod,attndims,attnotnull,attcollation
  FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE attnum > 0 AND $own ORDER BY 1,2"
out pg_index "SELECT indexrelid,indrelid,indnatts,indnkeyatts,indisunique,indnullsnotdistinct,indisprimary,indisexclusion,
  indimmediate,indisclustered,indisvalid,indcheckxmin,indisready,indislive,indisreplident,indkey,indcollation,indclass,
  indoption,NULL AS indexprs,NULL AS indpred FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE $own ORDER BY 1"
out pg_constraint "SELECT * FROM pg_constraint WHERE contype IN ('p', 'u')
  AND connamespace = 11 ORDER BY oid"
out settings "SELECT name,setting,unit,category,context,vartype,min_val,max_val,enumvals,boot_val FROM pg_settings
  ORDER BY name COLLATE \"C\""
