#!/bin/sh
# Runs once, when the cluster is made: the service's own role and database. It is no superuser, because row-level
# security does not bind superusers. The password comes from a secret file and is never on a command line.
set -eu
psql --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" <<'SQL'
\set password `cat /run/secrets/postgres_edo_password`
CREATE ROLE edo LOGIN PASSWORD :'password' NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
CREATE DATABASE edo OWNER edo ENCODING 'UTF8' TEMPLATE template0;
SQL
