#!/usr/bin/env bash
# A three-node MariaDB Galera cluster on loopback, in a temporary folder, for tests; never for data that matters.
#
#   galera.sh install           Debian's packages, as root; nothing else installs anything
#   galera.sh start DIR         three nodes, whose files are in DIR (made if it is not there)
#   galera.sh kill DIR N        kill -9 node N (1 to 3)
#   galera.sh rejoin DIR N      start node N again and wait until it has caught up
#   galera.sh stop DIR          stop all nodes and remove DIR
#
# Node N listens on 127.0.0.1, port OMS_GALERA_PORT + N (21300 + N without that variable); root has no password.
# The nodes run as the caller, or as nobody if that is root.
set -euo pipefail

readonly base=${OMS_GALERA_PORT:-21300}
readonly patience=90 # seconds until a node has to answer
PATH=$PATH:/usr/sbin:/sbin

die() {
  printf 'galera.sh: %s\n' "$1" >&2
  exit 1
}

# where DIR N: sets the variables of a node.
where() {
  case "${2:-}" in [123]) ;; *) die "a node is 1, 2 or 3, not '${2:-}'" ;; esac
  n=$2
  node=$1/node$n
  port=$((base + n))
}

provider() {
  local file
  for file in /usr/lib/galera/libgalera_smm.so /usr/lib/libgalera_smm.so /usr/lib64/galera-4/libgalera_smm.so; do
    if [ -f "$file" ]; then
      printf '%s' "$file"
      return
    fi
  done
  die "the Galera library is not on this machine: galera.sh install"
}

# server DIR N ARGS...: one mariadbd in the foreground. Durability is what the group gives: a killed node takes
# from the others what it had not written yet.
server() {
  where "$1" "$2"
  shift 2
  local as=()
  if [ "$(id -u)" -eq 0 ]; then
    as=(--user=nobody)
  fi
  exec mariadbd --no-defaults "${as[@]}" --datadir="$node/data" --socket="$node/s" --pid-file="$node/pid" \
    --bind-address=127.0.0.1 --port="$port" --max-connections=300 --innodb-buffer-pool-size=128M --innodb-log-file-size=64M \
    --character-set-server=utf8mb4 --binlog-format=ROW --default-storage-engine=InnoDB --innodb-autoinc-lock-mode=2 \
    --innodb-flush-log-at-trx-commit=0 --skip-name-resolve \
    --wsrep-on=ON --wsrep-provider="$(provider)" --wsrep-cluster-name="oms_$base" --wsrep-node-name="node$n" \
    --wsrep-node-address="127.0.0.1:$((base + 10 + n))" --wsrep-sst-method=rsync --wsrep-slave-threads=2 \
    --wsrep-sst-receive-address="127.0.0.1:$((base + 30 + n))" \
    --wsrep-provider-options="gmcast.listen_addr=tcp://127.0.0.1:$((base + 10 + n));ist.recv_addr=127.0.0.1:$((base + 20 + n));gcache.size=128M" \
    --wsrep-cluster-address="gcomm://127.0.0.1:$((base + 11)),127.0.0.1:$((base + 12)),127.0.0.1:$((base + 13))" "$@"
}

# up DIR N ARGS...: starts a node in the background and waits until it is synced.
up() {
  where "$1" "$2"
  (server "$@") >>"$node/log" 2>&1 </dev/null &
  local pid=$! i state
  for ((i = 0; i < patience * 4; i++)); do
    state=$(mariadb --no-defaults -uroot -S "$node/s" -Nse "SHOW STATUS LIKE 'wsrep_local_state_comment'" 2>/dev/null || true)
    if [[ $state == *Synced ]]; then
      return
    fi
    if ! kill -0 "$pid" 2>/dev/null; then
      break
    fi
    sleep 0.25
  done
  tail -n 40 "$node/log" >&2
  die "node $n does not come up"
}

start() {
  local dir=$1
  mkdir -p "$dir"
  for n in 1 2 3; do
    where "$dir" "$n"
    mkdir -p "$node"
    mariadb-install-db --no-defaults --datadir="$node/data" --auth-root-authentication-method=normal --skip-test-db >"$node/log" 2>&1 ||
      { cat "$node/log" >&2 && die "node $n has no data folder"; }
    if [ "$(id -u)" -eq 0 ]; then
      chown -R nobody "$dir"
    fi
  done
  up "$dir" 1 --wsrep-new-cluster
  mariadb --no-defaults -uroot -S "$dir/node1/s" -e "CREATE USER root@'127.0.0.1' IDENTIFIED BY ''; GRANT ALL ON *.* TO root@'127.0.0.1'" 2>/dev/null || true
  up "$dir" 2
  up "$dir" 3
}

# rejoin begins where the node's own files end, so that it is sent only what it missed, if the others still have that.
rejoin() {
  where "$1" "$2"
  (server "$1" "$2" --wsrep-recover) >"$node/recovered" 2>&1 || true
  local position
  position=$(sed -nE 's/.*WSREP: Recovered position: *([0-9a-f-]+:-?[0-9]+).*/\1/p' "$node/recovered" | tail -n 1)
  up "$1" "$2" ${position:+--wsrep-start-position="$position"}
}

signal() {
  where "$2" "$3"
  if [ -f "$node/pid" ] && kill "-$1" "$(cat "$node/pid")" 2>/dev/null; then
    while kill -0 "$(cat "$node/pid" 2>/dev/null)" 2>/dev/null; do sleep 0.1; done
  fi
}

stop() {
  [ -d "$1/node1" ] || die "$1 has no cluster"
  for n in 3 2 1; do signal KILL "$1" "$n"; done
  rm -rf "$1"
}

[ $# -gt 0 ] || die "install, start, kill, rejoin or stop"
command=$1
if [ "$command" = install ]; then
  apt-get update && apt-get install -y --no-install-recommends mariadb-server mariadb-client galera-4 rsync
  exit
fi
[ $# -gt 1 ] || die "$command needs a folder"
case "$command" in
  start) start "$2" ;;
  kill) signal KILL "$2" "${3:-}" ;;
  rejoin) rejoin "$2" "${3:-}" ;;
  stop) stop "$2" ;;
  *) die "unknown command $command" ;;
esac
