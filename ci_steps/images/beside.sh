# Runs a service with a logging agent beside it: sh beside.sh GRACE stdin|files SERVICE [ARGUMENT...]
#
# The service gets the signals (INT and QUIT as TERM: a shell cannot hand them on), and its exit status is that of
# all. An agent that ends is started again; after the service it has GRACE seconds for what it still holds.
grace=$1 reads=$2 folder=${0%/*}
shift 2
service='' early='' pipe=''

# In a shell of its own: one agent at a time, until TERM says that the service has ended.
keep_agent() {
    exec 4>&- # whoever holds the pipe for writing keeps its reader waiting
    ending='' running=''
    trap 'ending=1; [ "$reads" = stdin ] || kill -s TERM "$running" 2>/dev/null' TERM
    while [ -z "$ending" ]; do
        if [ "$reads" = stdin ]; then sh "$folder/agent" <"$pipe" & else sh "$folder/agent" & fi
        running=$!
        await "$running"
        [ -n "$ending" ] || sleep 1
    done
}

# A signal interrupts `wait`, so it is asked until the process is gone. One that went in that very moment is
# known to the shell already, and asked for once more; 127 says that its status was told before.
await() {
    while wait "$1"; status=$?; kill -0 "$1" 2>/dev/null; do :; done
    wait "$1" 2>/dev/null
    set -- $?
    [ "$1" -eq 127 ] || status=$1
}

pass() {
    early=$1
    [ -z "$service" ] || kill -s "$1" "$service" 2>/dev/null
}

if [ "$reads" = stdin ]; then
    pipe=${TMPDIR:-/tmp}/ci-steps-log.$$
    mkdir -p "${pipe%/*}" && mkfifo -m 600 "$pipe" || exit 125
    exec 4<>"$pipe" # an agent that is started again finds what was written meanwhile
fi
keep_agent &
keeper=$!

trap 'pass HUP' HUP
trap 'pass USR1' USR1
trap 'pass USR2' USR2
trap 'pass TERM' TERM INT QUIT
if [ "$reads" = stdin ]; then "$@" >"$pipe" 2>&1 4>&- & else "$@" & fi
service=$!
[ -z "$early" ] || kill -s "$early" "$service" 2>/dev/null
await "$service"
ended=$status

[ -z "$pipe" ] || exec 4>&- # with the last writer gone, the agent reads to the end
kill -s TERM "$keeper" 2>/dev/null
(sleep "$grace" && kill -s KILL "$keeper") >/dev/null 2>&1 &
timer=$!
await "$keeper"
kill "$timer" 2>/dev/null
[ -z "$pipe" ] || rm -f "$pipe"
exit "$ended"
