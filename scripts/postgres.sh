# Sourced by the scripts beside it: finds PostgreSQL, installs Debian's package when run as root and it is
# missing, and starts a private server on a free port that ends with the script.
# Sets POSTGRES_URL and adds the client programs to PATH; returns 1 where there is no PostgreSQL.

postgres_bin() {
  local found
  found=$(command -v initdb || ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1) || true
  [ -n "$found" ] && dirname "$(readlink -f "$found")"
}

as_owner() {
  if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

free_port() {
  local candidate
  for _ in $(seq 50); do
    candidate=$((20000 + RANDOM % 30000))
    (exec 3<>"/dev/tcp/127.0.0.1/$candidate") 2>/dev/null || { echo "$candidate"; return; }
  done
  return 1
}

stop_postgres() {
  [ -n "${PG_HOME:-}" ] || return 0
  [ -f "$PG_HOME/db/postmaster.pid" ] && as_owner "$PG_BIN/pg_ctl" -D "$PG_HOME/db" -m immediate -w stop >/dev/null 2>&1
  rm -rf "$PG_HOME"
}

# initdb refuses root, so root hands the server to the user postgres. Nothing here must survive: fsync is off.
start_postgres() {
  PG_BIN=$(postgres_bin || true)
  if [ -z "$PG_BIN" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing PostgreSQL" >&2
    (apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends postgresql) >&2 || true
    PG_BIN=$(postgres_bin || true)
  fi
  [ -n "$PG_BIN" ] || return 1
  PG_HOME=$(mktemp -d)
  trap stop_postgres EXIT
  chmod 755 "$PG_HOME"
  [ "$(id -u)" = 0 ] && chown postgres "$PG_HOME"
  as_owner "$PG_BIN/initdb" -D "$PG_HOME/db" -U kaixu -A trust -E UTF8 --locale=C --no-sync >/dev/null
  local port
  port=$(free_port)
  as_owner "$PG_BIN/pg_ctl" -D "$PG_HOME/db" -w -l "$PG_HOME/db/log" -o "-p $port -k $PG_HOME -c listen_addresses=127.0.0.1 \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300 -c shared_buffers=128MB" start >/dev/null
  export POSTGRES_URL="postgres://kaixu@127.0.0.1:$port/postgres" PATH="$PG_BIN:$PATH"
}
