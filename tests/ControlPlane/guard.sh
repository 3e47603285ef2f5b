#!/bin/sh
# Runs a server so that it ends when its starter does, however that ends: the
# starter holds this script's stdin open, and its closing is the signal.
#
#   usage: guard.sh PIDFILE LOGFILE COMMAND [ARGUMENT...]
#
# A parent-death signal would not do: it is tied to the thread that forked.
set -u

pidfile=$1 logfile=$2
shift 2
exec 3<&0 >>"$logfile" 2>&1
"$@" </dev/null 3<&- &
child=$!
echo "$child" >"$pidfile"

# Asks the child to stop and, if it has not after ten seconds, ends it.
end() {
  kill -TERM "$child" 2>/dev/null || return
  tries=100
  while [ "$tries" -gt 0 ] && kill -0 "$child" 2>/dev/null; do
    sleep 0.1
    tries=$((tries - 1))
  done
  kill -KILL "$child" 2>/dev/null
}

{
  while read -r _; do :; done
  end
} <&3 &
watcher=$!
trap 'end; kill "$watcher" 2>/dev/null' INT TERM HUP
wait "$child"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
