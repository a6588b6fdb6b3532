--@ information_schema.information_schema_catalog_name
SELECT current_database() AS catalog_name
--@ information_schema.enabled_roles
SELECT a.rolname FROM pg_catalog.pg_authid a WHERE pg_catalog.pg_has_role(a.oid, 'USAGE')
--@ information_schema.applicable_roles
SELECT member.rolname, granted.rolname, CASE WHEN m.admin_option THEN 'YES' ELSE 'NO' END
FROM (SELECT am.member, am.roleid, bool_or(am.admin_option) AS admin_option
      FROM pg_catalog.pg_auth_members am GROUP BY am.member, am.roleid
      UNION SELECT d.datdba, o.oid, false FROM pg_catalog.pg_database d, pg_catalog.pg_authid o
      WHERE d.datname = current_database() AND o.rolname = 'pg_database_owner') AS m
JOIN pg_catalog.pg_authid member ON member.oid = m.member
JOIN pg_catalog.pg_authid granted ON granted.oid = m.roleid
WHERE pg_catalog.pg_has_role(member.oid, 'USAGE')
--@ information_schema.administrable_role_authorizations
SELECT r.grantee, r.role_name, r.is_grantable FROM information_schema.applicable_roles r WHERE r.is_grantable = 'YES'
--@ information_schema.character_sets
SELECT NULL::name, NULL::name, pg_catalog.getdatabaseencoding(),
       CASE WHEN pg_catalog.getdatabaseencoding() = 'UTF8' THEN 'UCS' ELSE pg_catalog.getdatabaseencoding() END,
       pg_catalog.getdatabaseencoding(), current_database(), n.nspname, c.collname
FROM pg_catalog.pg_database d
LEFT JOIN (pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace)
       ON c.collcollate = d.datcollate AND c.collctype = d.datctype
WHERE d.datname = current_database()
ORDER BY char_length(c.collname) DESC, c.collname LIMIT 1
--@ information_schema.collations
SELECT current_database(), n.nspname, c.collname, 'NO PAD'
FROM pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
WHERE c.collencoding IN (-1, (SELECT d.encoding FROM pg_catalog.pg_database d WHERE d.datname = current_database()))
--@ information_schema.collation_character_set_applicability
SELECT current_database(), n.nspname, c.collname, NULL::name, NULL::name, pg_catalog.getdatabaseencoding()
FROM pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
WHERE c.collencoding IN (-1, (SELECT d.encoding FROM pg_catalog.pg_database d WHERE d.datname = current_database()))
--@ information_schema.schemata
SELECT current_database(), n.nspname, u.rolname, NULL::name, NULL::name, NULL::name, NULL::text
FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_authid u ON u.oid = n.nspowner
WHERE pg_catalog.pg_has_role(n.nspowner, 'USAGE') OR pg_catalog.has_schema_privilege(n.oid, 'CREATE, USAGE')
--@ information_schema.tables
SELECT current_database(), n.nspname, c.relname,
       CASE WHEN n.oid = pg_catalog.pg_my_temp_schema() THEN 'LOCAL TEMPORARY'
            WHEN c.relkind IN ('r', 'p') THEN 'BASE TABLE' WHEN c.relkind = 'v' THEN 'VIEW'
            WHEN c.relkind = 'f' THEN 'FOREIGN' END,
       NULL::name, NULL::text, CASE WHEN t.oid IS NOT NULL THEN current_database() END, tn.nspname, t.typname,
       CASE WHEN c.relkind IN ('r', 'p')
                 OR (c.relkind IN ('v', 'f') AND (pg_catalog.pg_relation_is_updatable(c.oid, false) & 8) = 8)
            THEN 'YES' ELSE 'NO' END,
       CASE WHEN t.oid IS NOT NULL THEN 'YES' ELSE 'NO' END, NULL::text
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_type t ON t.oid = c.reloftype
LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
WHERE c.relkind IN ('r', 'v', 'f', 'p') AND NOT pg_catalog.pg_is_other_temp_schema(n.oid)
  AND (pg_catalog.pg_has_role(c.relowner, 'USAGE')
       OR pg_catalog.has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
       OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))
--@ information_schema.views
SELECT current_database(), n.nspname, c.relname,
       CASE WHEN pg_catalog.pg_has_role(c.relowner, 'USAGE') THEN pg_catalog.pg_get_viewdef(c.oid) END,
       CASE WHEN 'check_option=cascaded' = ANY (c.reloptions) THEN 'CASCADED'
            WHEN 'check_option=local' = ANY (c.reloptions) THEN 'LOCAL' ELSE 'NONE' END,
       CASE WHEN (pg_catalog.pg_relation_is_updatable(c.oid, false) & 20) = 20 THEN 'YES' ELSE 'NO' END,
       CASE WHEN (pg_catalog.pg_relation_is_updatable(c.oid, false) & 8) = 8 THEN 'YES' ELSE 'NO' END,
       CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger g WHERE g.tgrelid = c.oid AND g.tgtype & 81 = 81)
            THEN 'YES' ELSE 'NO' END,
       CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger g WHERE g.tgrelid = c.oid AND g.tgtype & 73 = 73)
            THEN 'YES' ELSE 'NO' END,
       CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger g WHERE g.tgrelid = c.oid AND g.tgtype & 69 = 69)
            THEN 'YES' ELSE 'NO' END
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'v' AND NOT pg_catalog.pg_is_other_temp_schema(n.oid)
  AND (pg_catalog.pg_has_role(c.relowner, 'USAGE')
       OR pg_catalog.has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
       OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))
--@ information_schema.columns
SELECT current_database(), n.nspname, c.relname, a.attname, a.attnum::int,
       CASE WHEN a.attgenerated = '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END,
       CASE WHEN a.attnotnull OR (t.typtype = 'd' AND t.typnotnull) THEN 'NO' ELSE 'YES' END,
       CASE WHEN b.typelem <> 0 AND b.typlen = -1 THEN 'ARRAY' WHEN bn.nspname = 'pg_catalog' THEN pg_catalog.format_type(b.oid, NULL)
            ELSE 'USER-DEFINED' END,
       information_schema._pg_char_max_length(b.oid, m.typmod), information_schema._pg_char_octet_length(b.oid, m.typmod),
       information_schema._pg_numeric_precision(b.oid, m.typmod),
       information_schema._pg_numeric_precision_radix(b.oid, m.typmod),
       information_schema._pg_numeric_scale(b.oid, m.typmod),
       information_schema._pg_datetime_precision(b.oid, m.typmod),
       information_schema._pg_interval_type(b.oid, m.typmod), NULL::int, NULL::name, NULL::name, NULL::name,
       CASE WHEN co.collname IS NOT NULL THEN current_database() END, con.nspname, co.collname,
       CASE WHEN t.typtype = 'd' THEN current_database() END, CASE WHEN t.typtype = 'd' THEN tn.nspname END,
       CASE WHEN t.typtype = 'd' THEN t.typname END, current_database(), bn.nspname, b.typname, NULL::name, NULL::name,
       NULL::name, NULL::int, a.attnum::text, 'NO', CASE WHEN a.attidentity IN ('a', 'd') THEN 'YES' ELSE 'NO' END,
       CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END, s.seqstart::text, s.seqincrement::text,
       s.seqmax::text, s.seqmin::text, CASE WHEN s.seqcycle THEN 'YES' ELSE 'NO' END,
       CASE WHEN a.attgenerated <> '' THEN 'ALWAYS' ELSE 'NEVER' END,
       CASE WHEN a.attgenerated <> '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END,
       CASE WHEN c.relkind IN ('r', 'p')
                 OR (c.relkind IN ('v', 'f') AND pg_catalog.pg_column_is_updatable(c.oid, a.attnum, false))
            THEN 'YES' ELSE 'NO' END
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
JOIN pg_catalog.pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
JOIN pg_catalog.pg_namespace bn ON bn.oid = b.typnamespace
CROSS JOIN LATERAL (SELECT CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END AS typmod) AS m
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN (pg_catalog.pg_collation co JOIN pg_catalog.pg_namespace con ON con.oid = co.collnamespace)
       ON co.oid = a.attcollation AND (con.nspname <> 'pg_catalog' OR co.collname <> 'default')
LEFT JOIN (pg_catalog.pg_depend dep JOIN pg_catalog.pg_sequence s ON s.seqrelid = dep.objid)
       ON dep.refclassid = 1259 AND dep.refobjid = c.oid AND dep.refobjsubid = a.attnum AND dep.classid = 1259
          AND dep.objsubid = 0 AND dep.deptype = 'i'
WHERE NOT pg_catalog.pg_is_other_temp_schema(n.oid) AND a.attnum > 0 AND NOT a.attisdropped
  AND c.relkind IN ('r', 'v', 'f', 'p')
  AND (pg_catalog.pg_has_role(c.relowner, 'USAGE')
       OR pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT, INSERT, UPDATE, REFERENCES'))
--@ information_schema.table_constraints
SELECT current_database(), cn.nspname, k.conname, current_database(), n.nspname, c.relname,
       CASE k.contype WHEN 'c' THEN 'CHECK' WHEN 'n' THEN 'CHECK' WHEN 'f' THEN 'FOREIGN KEY'
            WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' END,
       CASE WHEN k.condeferrable THEN 'YES' ELSE 'NO' END, CASE WHEN k.condeferred THEN 'YES' ELSE 'NO' END,
       CASE WHEN k.conenforced THEN 'YES' ELSE 'NO' END,
       CASE WHEN k.contype = 'u' THEN (SELECT CASE WHEN i.indnullsnotdistinct THEN 'NO' ELSE 'YES' END
                                       FROM pg_catalog.pg_index i WHERE i.indexrelid = k.conindid) END
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_namespace cn ON cn.oid = k.connamespace
WHERE k.contype NOT IN ('t', 'x') AND c.relkind IN ('r', 'p') AND NOT pg_catalog.pg_is_other_temp_schema(n.oid)
  AND (pg_catalog.pg_has_role(c.relowner, 'USAGE')
       OR pg_catalog.has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
       OR pg_catalog.has_any_column_privilege(c.oid, 'INSERT, UPDATE, REFERENCES'))
--@ information_schema.key_column_usage
SELECT current_database(), k.conspace, k.conname, current_database(), k.tabspace, k.relname, a.attname, k.n,
       CASE WHEN k.contype = 'f' THEN
            (SELECT p.n::int FROM pg_catalog.pg_index i, generate_subscripts(i.indkey, 1) AS s,
                    LATERAL (SELECT s + 1 AS n) AS p
             WHERE i.indexrelid = k.conindid AND i.indkey[s] = k.confkey[k.n]) END
FROM (SELECT c.oid AS relid, c.relname, c.relowner, n.nspname AS tabspace, cn.nspname AS conspace, k.conname,
             k.contype, k.conindid, k.conkey, k.confkey, generate_subscripts(k.conkey, 1) AS n
      FROM pg_catalog.pg_constraint k
      JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_namespace cn ON cn.oid = k.connamespace
      WHERE k.contype IN ('p', 'u', 'f') AND c.relkind IN ('r', 'p')
        AND NOT pg_catalog.pg_is_other_temp_schema(n.oid)) AS k
JOIN pg_catalog.pg_attribute a ON a.attrelid = k.relid AND a.attnum = k.conkey[k.n]
WHERE NOT a.attisdropped
  AND (pg_catalog.pg_has_role(k.relowner, 'USAGE')
       OR pg_catalog.has_column_privilege(k.relid, a.attnum, 'SELECT, INSERT, UPDATE, REFERENCES'))
--@ information_schema.referential_constraints
SELECT current_database(), n.nspname, k.conname,
       CASE WHEN u.conname IS NOT NULL THEN current_database() END, un.nspname, u.conname,
       CASE k.confmatchtype WHEN 'f' THEN 'FULL' WHEN 'p' THEN 'PARTIAL' WHEN 's' THEN 'NONE' END,
       CASE k.confupdtype WHEN 'a' THEN 'NO ACTION' WHEN 'r' THEN 'RESTRICT' WHEN 'c' THEN 'CASCADE'
            WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' END,
       CASE k.confdeltype WHEN 'a' THEN 'NO ACTION' WHEN 'r' THEN 'RESTRICT' WHEN 'c' THEN 'CASCADE'
            WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' END
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
LEFT JOIN pg_catalog.pg_constraint u
       ON u.conindid = k.conindid AND u.conrelid = k.confrelid AND u.contype IN ('p', 'u')
LEFT JOIN pg_catalog.pg_namespace un ON un.oid = u.connamespace
WHERE k.contype = 'f'
  AND (pg_catalog.pg_has_role(c.relowner, 'USAGE')
       OR pg_catalog.has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
       OR pg_catalog.has_any_column_privilege(c.oid, 'INSERT, UPDATE, REFERENCES'))
--@ information_schema.constraint_column_usage
SELECT current_database(), n.nspname, c.relname, a.attname, current_database(), kn.nspname, k.conname
FROM (SELECT con.oid, con.conname, con.connamespace, con.conrelid AS relid, unnest(con.conkey) AS attnum
      FROM pg_catalog.pg_constraint con WHERE con.contype IN ('p', 'u', 'c', 'n')
      UNION ALL
      SELECT con.oid, con.conname, con.connamespace, con.confrelid, unnest(con.confkey)
      FROM pg_catalog.pg_constraint con WHERE con.contype = 'f') AS k
JOIN pg_catalog.pg_class c ON c.oid = k.relid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_namespace kn ON kn.oid = k.connamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
WHERE c.relkind IN ('r', 'p') AND NOT a.attisdropped AND pg_catalog.pg_has_role(c.relowner, 'USAGE')
--@ information_schema.constraint_table_usage
SELECT current_database(), n.nspname, c.relname, current_database(), kn.nspname, k.conname
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = CASE WHEN k.contype = 'f' THEN k.confrelid ELSE k.conrelid END
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_namespace kn ON kn.oid = k.connamespace
WHERE k.contype IN ('p', 'u', 'f') AND c.relkind IN ('r', 'p') AND pg_catalog.pg_has_role(c.relowner, 'USAGE')
--@ information_schema.check_constraints
SELECT current_database(), n.nspname, k.conname,
       CASE WHEN k.contype = 'n' THEN coalesce(a.attname || ' IS NOT NULL', 'VALUE IS NOT NULL')
            ELSE pg_catalog.pg_get_expr(k.conbin, k.conrelid) END
FROM pg_catalog.pg_constraint k
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace
LEFT JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
LEFT JOIN pg_catalog.pg_type t ON t.oid = k.contypid
LEFT JOIN pg_catalog.pg_attribute a ON k.contype = 'n' AND a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
WHERE k.contype IN ('c', 'n') AND pg_catalog.pg_has_role(coalesce(c.relowner, t.typowner), 'USAGE')
--@ information_schema.sequences
SELECT current_database(), n.nspname, c.relname, pg_catalog.format_type(s.seqtypid, NULL),
       information_schema._pg_numeric_precision(s.seqtypid, -1), 2, 0, s.seqstart::text, s.seqmin::text,
       s.seqmax::text, s.seqincrement::text, CASE WHEN s.seqcycle THEN 'YES' ELSE 'NO' END
FROM pg_catalog.pg_sequence s
JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'S' AND NOT pg_catalog.pg_is_other_temp_schema(n.oid)
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
                  WHERE d.classid = 1259 AND d.objid = c.oid AND d.deptype = 'i')
  AND (pg_catalog.pg_has_role(c.relowner, 'USAGE')
       OR pg_catalog.has_sequence_privilege(c.oid, 'SELECT, UPDATE, USAGE'))
--@ information_schema.domains
SELECT current_database(), n.nspname, t.typname,
       CASE WHEN b.typelem <> 0 AND b.typlen = -1 THEN 'ARRAY' WHEN bn.nspname = 'pg_catalog' THEN pg_catalog.format_type(b.oid, NULL)
            ELSE 'USER-DEFINED' END,
       information_schema._pg_char_max_length(b.oid, t.typtypmod),
       information_schema._pg_char_octet_length(b.oid, t.typtypmod), NULL::name, NULL::name, NULL::name,
       CASE WHEN co.collname IS NOT NULL THEN current_database() END, con.nspname, co.collname,
       information_schema._pg_numeric_precision(b.oid, t.typtypmod),
       information_schema._pg_numeric_precision_radix(b.oid, t.typtypmod),
       information_schema._pg_numeric_scale(b.oid, t.typtypmod),
       information_schema._pg_datetime_precision(b.oid, t.typtypmod),
       information_schema._pg_interval_type(b.oid, t.typtypmod), NULL::int, t.typdefault, current_database(), bn.nspname,
       b.typname, NULL::name, NULL::name, NULL::name, NULL::int, '1'
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
JOIN pg_catalog.pg_namespace bn ON bn.oid = b.typnamespace
LEFT JOIN (pg_catalog.pg_collation co JOIN pg_catalog.pg_namespace con ON con.oid = co.collnamespace)
       ON co.oid = t.typcollation AND (con.nspname <> 'pg_catalog' OR co.collname <> 'default')
WHERE t.typtype = 'd'
  AND (pg_catalog.pg_has_role(t.typowner, 'USAGE') OR pg_catalog.has_type_privilege(t.oid, 'USAGE'))
--@ information_schema.domain_constraints
SELECT current_database(), kn.nspname, k.conname, current_database(), n.nspname, t.typname,
       CASE WHEN k.condeferrable THEN 'YES' ELSE 'NO' END, CASE WHEN k.condeferred THEN 'YES' ELSE 'NO' END
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_type t ON t.oid = k.contypid
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_namespace kn ON kn.oid = k.connamespace
WHERE pg_catalog.pg_has_role(t.typowner, 'USAGE') OR pg_catalog.has_type_privilege(t.oid, 'USAGE')
--@ information_schema.domain_udt_usage
SELECT current_database(), bn.nspname, b.typname, current_database(), n.nspname, t.typname
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
JOIN pg_catalog.pg_namespace bn ON bn.oid = b.typnamespace
WHERE t.typtype = 'd' AND pg_catalog.pg_has_role(b.typowner, 'USAGE')
--@ information_schema.column_domain_usage
SELECT current_database(), tn.nspname, t.typname, current_database(), n.nspname, c.relname, a.attname
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
WHERE t.typtype = 'd' AND c.relkind IN ('r', 'v', 'f', 'p') AND a.attnum > 0 AND NOT a.attisdropped
  AND pg_catalog.pg_has_role(t.typowner, 'USAGE')
--@ information_schema.column_udt_usage
SELECT current_database(), bn.nspname, b.typname, current_database(), n.nspname, c.relname, a.attname
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
JOIN pg_catalog.pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
JOIN pg_catalog.pg_namespace bn ON bn.oid = b.typnamespace
WHERE c.relkind IN ('r', 'v', 'f', 'p') AND a.attnum > 0 AND NOT a.attisdropped
  AND pg_catalog.pg_has_role(b.typowner, 'USAGE')
--@ information_schema.routines
SELECT current_database(), n.nspname, pg_catalog.nameconcatoid(p.proname, p.oid), current_database(), n.nspname,
       p.proname, CASE p.prokind WHEN 'f' THEN 'FUNCTION' WHEN 'p' THEN 'PROCEDURE' END,
       NULL::name, NULL::name, NULL::name, NULL::name, NULL::name, NULL::name,
       CASE WHEN p.prokind = 'p' THEN NULL WHEN t.typelem <> 0 AND t.typlen = -1 THEN 'ARRAY'
            WHEN tn.nspname = 'pg_catalog' THEN pg_catalog.format_type(t.oid, NULL) ELSE 'USER-DEFINED' END,
       NULL::int, NULL::int, NULL::name, NULL::name, NULL::name, NULL::name, NULL::name, NULL::name, NULL::int, NULL::int, NULL::int, NULL::int, NULL::text, NULL::int,
       CASE WHEN p.prokind <> 'p' THEN current_database() END, CASE WHEN p.prokind <> 'p' THEN tn.nspname END,
       CASE WHEN p.prokind <> 'p' THEN t.typname END, NULL::name, NULL::name, NULL::name, NULL::int,
       CASE WHEN p.prokind <> 'p' THEN '0' END,
       CASE WHEN l.lanname = 'sql' THEN 'SQL' ELSE 'EXTERNAL' END,
       CASE WHEN pg_catalog.pg_has_role(p.proowner, 'USAGE') THEN p.prosrc END,
       CASE WHEN l.lanname = 'c' THEN p.prosrc END, upper(l.lanname), 'GENERAL',
       CASE WHEN p.provolatile = 'i' THEN 'YES' ELSE 'NO' END, 'MODIFIES',
       CASE WHEN p.prokind <> 'p' THEN CASE WHEN p.proisstrict THEN 'YES' ELSE 'NO' END END, NULL::text, 'YES', 0, NULL::text, NULL::text,
       CASE WHEN p.prosecdef THEN 'DEFINER' ELSE 'INVOKER' END, NULL::name, NULL::name, NULL::name, 'NO', NULL::timestamptz, NULL::timestamptz, NULL::text, 'NO',
       NULL::text, NULL::text, NULL::int, NULL::int, NULL::name, NULL::name, NULL::name, NULL::name, NULL::name, NULL::name, NULL::int, NULL::int, NULL::int, NULL::int, NULL::text, NULL::int, NULL::name, NULL::name, NULL::name,
       NULL::name, NULL::name, NULL::name, NULL::int, NULL::name
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language l ON l.oid = p.prolang
LEFT JOIN (pg_catalog.pg_type t JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace)
       ON t.oid = p.prorettype AND p.prokind <> 'p'
WHERE pg_catalog.pg_has_role(p.proowner, 'USAGE') OR pg_catalog.has_function_privilege(p.oid, 'EXECUTE')
--@ information_schema.parameters
SELECT current_database(), p.nspname, pg_catalog.nameconcatoid(p.proname, p.oid), p.n,
       CASE WHEN p.mode IS NULL OR p.mode IN ('i', 'v') THEN 'IN' WHEN p.mode IN ('o', 't') THEN 'OUT'
            WHEN p.mode = 'b' THEN 'INOUT' END,
       'NO', 'NO', nullif(p.proargnames[p.n], ''),
       CASE WHEN t.typelem <> 0 AND t.typlen = -1 THEN 'ARRAY'
            WHEN tn.nspname = 'pg_catalog' THEN pg_catalog.format_type(t.oid, NULL) ELSE 'USER-DEFINED' END,
       NULL::int, NULL::int, NULL::name, NULL::name, NULL::name, NULL::name, NULL::name, NULL::name, NULL::int, NULL::int, NULL::int, NULL::int, NULL::text, NULL::int, current_database(), tn.nspname,
       t.typname, NULL::name, NULL::name, NULL::name, NULL::int, p.n::text,
       CASE WHEN pg_catalog.pg_has_role(p.proowner, 'USAGE')
            THEN pg_catalog.pg_get_function_arg_default(p.oid, p.n) END
FROM (SELECT f.oid, f.proname, f.proowner, fn.nspname, f.proargnames, x.n, f.proargmodes[x.n] AS mode,
             CASE WHEN f.proallargtypes IS NULL THEN f.proargtypes[x.n - 1] ELSE f.proallargtypes[x.n] END AS argtype
      FROM pg_catalog.pg_proc f
      JOIN pg_catalog.pg_namespace fn ON fn.oid = f.pronamespace
      CROSS JOIN LATERAL generate_series(1, coalesce(array_length(f.proallargtypes, 1), f.pronargs)) AS x(n)
      WHERE pg_catalog.pg_has_role(f.proowner, 'USAGE') OR pg_catalog.has_function_privilege(f.oid, 'EXECUTE')) AS p
JOIN pg_catalog.pg_type t ON t.oid = p.argtype
JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
--@ information_schema.triggers
SELECT current_database(), n.nspname, g.tgname, e.name, current_database(), n.nspname, c.relname,
       rank() OVER (PARTITION BY n.oid, c.oid, e.bit, g.tgtype & 1, g.tgtype & 66 ORDER BY g.tgname)::int,
       CASE WHEN pg_catalog.pg_has_role(c.relowner, 'USAGE')
            THEN (regexp_match(pg_catalog.pg_get_triggerdef(g.oid), '.{35,} WHEN \((.+)\) EXECUTE FUNCTION'))[1] END,
       substring(pg_catalog.pg_get_triggerdef(g.oid)
                 FROM position('EXECUTE FUNCTION' IN substring(pg_catalog.pg_get_triggerdef(g.oid) FROM 48)) + 47),
       CASE WHEN g.tgtype & 1 = 1 THEN 'ROW' ELSE 'STATEMENT' END,
       CASE g.tgtype & 66 WHEN 2 THEN 'BEFORE' WHEN 64 THEN 'INSTEAD OF' ELSE 'AFTER' END,
       g.tgoldtable, g.tgnewtable, NULL::name, NULL::name, NULL::timestamptz
FROM pg_catalog.pg_trigger g
JOIN pg_catalog.pg_class c ON c.oid = g.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN (VALUES (4, 'INSERT'), (8, 'DELETE'), (16, 'UPDATE')) AS e(bit, name) ON g.tgtype & e.bit <> 0
WHERE NOT g.tgisinternal AND NOT pg_catalog.pg_is_other_temp_schema(n.oid)
  AND (pg_catalog.pg_has_role(c.relowner, 'USAGE')
       OR pg_catalog.has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
       OR pg_catalog.has_any_column_privilege(c.oid, 'INSERT, UPDATE, REFERENCES'))
--@ information_schema.table_privileges
SELECT grantor.rolname, coalesce(grantee.rolname, 'PUBLIC'), current_database(), n.nspname, c.relname,
       x.privilege_type,
       CASE WHEN x.is_grantable OR pg_catalog.pg_has_role(x.grantee, c.relowner, 'USAGE') THEN 'YES' ELSE 'NO' END,
       CASE WHEN x.privilege_type = 'SELECT' THEN 'YES' ELSE 'NO' END
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) AS x
JOIN pg_catalog.pg_authid grantor ON grantor.oid = x.grantor
LEFT JOIN pg_catalog.pg_authid grantee ON grantee.oid = x.grantee
WHERE c.relkind IN ('r', 'v', 'f', 'p') AND (x.grantee = 0 OR grantee.oid IS NOT NULL)
  AND x.privilege_type IN ('INSERT', 'SELECT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER')
  AND (x.grantee = 0 OR pg_catalog.pg_has_role(grantor.oid, 'USAGE') OR pg_catalog.pg_has_role(grantee.oid, 'USAGE'))
--@ information_schema.role_table_grants
SELECT p.* FROM information_schema.table_privileges p
WHERE p.grantor IN (SELECT r.role_name FROM information_schema.enabled_roles r)
   OR p.grantee IN (SELECT r.role_name FROM information_schema.enabled_roles r)
--@ information_schema.view_table_usage
SELECT DISTINCT current_database(), vn.nspname, v.relname, current_database(), n.nspname, t.relname
FROM pg_catalog.pg_class v
JOIN pg_catalog.pg_namespace vn ON vn.oid = v.relnamespace
JOIN pg_catalog.pg_rewrite r ON r.ev_class = v.oid
JOIN pg_catalog.pg_depend d ON d.classid = 2618 AND d.objid = r.oid AND d.refclassid = 1259 AND d.refobjid <> v.oid
JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
WHERE v.relkind = 'v' AND t.relkind IN ('r', 'v', 'f', 'p') AND pg_catalog.pg_has_role(t.relowner, 'USAGE')
--@ information_schema.view_column_usage
SELECT DISTINCT current_database(), vn.nspname, v.relname, current_database(), n.nspname, t.relname, a.attname
FROM pg_catalog.pg_class v
JOIN pg_catalog.pg_namespace vn ON vn.oid = v.relnamespace
JOIN pg_catalog.pg_rewrite r ON r.ev_class = v.oid
JOIN pg_catalog.pg_depend d ON d.classid = 2618 AND d.objid = r.oid AND d.refclassid = 1259 AND d.refobjid <> v.oid
JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE v.relkind = 'v' AND t.relkind IN ('r', 'v', 'f', 'p') AND pg_catalog.pg_has_role(t.relowner, 'USAGE')
