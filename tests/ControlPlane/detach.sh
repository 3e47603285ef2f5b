#!/bin/sh
# Runs a server that outlives its starter, in a session of its own.
#
#   usage: detach.sh PIDFILE LOGFILE COMMAND [ARGUMENT...]
set -eu

pidfile=$1 logfile=$2
shift 2
echo $$ >"$pidfile" # exec keeps the process id
exec setsid "$@" </dev/null >>"$logfile" 2>&1
