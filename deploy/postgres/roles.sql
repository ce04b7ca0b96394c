-- A login for each service, with rights in its own schema only, and one that migrates. Run by psql as a superuser, in the
-- database of the installation, before the first migrate; may be run again, also to take new passwords.
-- Passwords come from the files database_<login> under $SANU_SECRETS, or /run/secrets.
\set ON_ERROR_STOP on
SET client_min_messages = warning;

-- Nobody logs in as these: sanu_<service> acts in its schema, sanu_log_owner owns the logs and so alone could change their
-- tables, sanu_sealing uses the key store.
SELECT format('CREATE ROLE %I NOLOGIN', name)
FROM unnest('{sanu_membership,sanu_training,sanu_gold_trade,sanu_reporting,sanu_log_owner,sanu_sealing}'::text[]) name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION', name)
FROM unnest('{membership,training,gold_trade,reporting,migrate}'::text[]) name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

GRANT sanu_membership, sanu_sealing TO membership;
GRANT sanu_training, sanu_sealing TO training;
GRANT sanu_gold_trade, sanu_sealing TO gold_trade;
GRANT sanu_reporting, sanu_sealing TO reporting;
GRANT sanu_membership, sanu_training, sanu_gold_trade, sanu_reporting, sanu_log_owner, sanu_sealing TO migrate;

SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()) \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO membership, training, gold_trade, reporting, migrate', current_database()) \gexec
SELECT format('GRANT CREATE ON DATABASE %I TO migrate', current_database()) \gexec

\set membership `cat "${SANU_SECRETS:-/run/secrets}/database_membership"`
\set training `cat "${SANU_SECRETS:-/run/secrets}/database_training"`
\set gold_trade `cat "${SANU_SECRETS:-/run/secrets}/database_gold_trade"`
\set reporting `cat "${SANU_SECRETS:-/run/secrets}/database_reporting"`
\set migrate `cat "${SANU_SECRETS:-/run/secrets}/database_migrate"`
ALTER ROLE membership PASSWORD :'membership';
ALTER ROLE training PASSWORD :'training';
ALTER ROLE gold_trade PASSWORD :'gold_trade';
ALTER ROLE reporting PASSWORD :'reporting';
ALTER ROLE migrate PASSWORD :'migrate';
