#!/bin/bash
# Shows that launcher=slurm works: makes this machine a Slurm cluster of one node and runs a study of two smoke cases
# on it, kills the sweep half-way and starts it again, and cancels one. Not part of `make test`: it needs Debian or
# Ubuntu, root, and about five minutes on 2 cores. It writes /etc/slurm/slurm.conf; use a container or a throw-away machine.
#
#   DRAWBAR="python -m dem.cli" tests/slurm/one_node.sh [FOLDER]
set -euo pipefail

DRAWBAR=${DRAWBAR:-drawbar}
STUDY=$(realpath -m "${1:-outputs/slurm_check}")
HERE=$(hostname -s)
SPOOL=/var/spool/slurm_check

say() { echo "== $*"; }
fail() { echo "FAILED: $*" >&2; exit 1; }

install_slurm() {
    command -v slurmctld slurmd munged >/dev/null && return
    say "installing slurm-wlm and munge"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends slurm-wlm munge >/dev/null
}

configure() {  # no cgroups, no accounting: what a container lacks
    rm -rf "$SPOOL"
    mkdir -p "$SPOOL"/{state,d}
    cat >/etc/slurm/slurm.conf <<CONF
ClusterName=check
SlurmctldHost=$HERE
AuthType=auth/munge
SlurmUser=root
StateSaveLocation=$SPOOL/state
SlurmdSpoolDir=$SPOOL/d
SlurmctldPidFile=$SPOOL/slurmctld.pid
SlurmdPidFile=$SPOOL/slurmd.pid
SlurmctldLogFile=$SPOOL/slurmctld.log
SlurmdLogFile=$SPOOL/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
KillWait=30
MinJobAge=30
NodeName=$HERE CPUs=$(nproc) State=UNKNOWN
PartitionName=check Nodes=$HERE Default=YES MaxTime=INFINITE State=UP
CONF
}

start() {
    mkdir -p /run/munge && chown munge: /run/munge
    pgrep -x munged >/dev/null || runuser -u munge -- munged
    pgrep -x slurmctld >/dev/null || slurmctld
    pgrep -x slurmd >/dev/null || slurmd
    for _ in $(seq 60); do
        [ "$(sinfo --noheader --format=%T 2>/dev/null)" = idle ] && return
        sleep 1
    done
    fail "no idle node but '$(sinfo --noheader --format=%T 2>&1)'; see $SPOOL/*.log"
}

stop() {
    scancel --name=drawbar 2>/dev/null || true
    for name in slurmd slurmctld; do
        [ -f "$SPOOL/$name.pid" ] || continue
        pid=$(cat "$SPOOL/$name.pid")
        kill "$pid" 2>/dev/null || true
        for _ in $(seq 60); do kill -0 "$pid" 2>/dev/null || break; sleep 1; done
    done
}

sweep() {  # with a duration of the drive
    # shellcheck disable=SC2086  # the command may have several words
    exec $DRAWBAR sweep scenario.slip=0.0,0.3 bed=smoke output=light "scenario.drive_duration=$1" \
        launcher=slurm launcher.cpus=1 launcher.memory=null --jobs 2 --timeout 600 --study "$STUDY"
}

count() { squeue --noheader --array --name=drawbar | wc -l; }

wait_for() {  # a condition, for two minutes
    for _ in $(seq 120); do eval "$1" && return; sleep 1; done
    fail "never came true: $1"
}

install_slurm
configure
trap stop EXIT
start
sinfo
rm -rf "$STUDY"

say "a sweep is killed while its first jobs run"
(sweep 0.1) & pid=$!
wait_for '[ "$(squeue --noheader --name=drawbar --states=RUNNING | wc -l)" -ge 1 ]'
kill -9 $pid; wait $pid || true
[ "$(count)" -ge 1 ] || fail "no job outlived the sweep"
submitted=$(ls "$STUDY"/slurm/*submitted.pkl | wc -l)

say "the same command waits for those jobs, and submits none anew"
(sweep 0.1) || fail "exit code $?"
[ "$(ls "$STUDY"/slurm/*submitted.pkl | wc -l)" = "$submitted" ] || fail "jobs were submitted twice"
for case in "$STUDY"/*/outcome.json; do grep -q '"status": "done"' "$case" || fail "$case: $(cat "$case")"; done
[ "$(ls "$STUDY"/*/result.json | wc -l)" = 2 ] || fail "not two results"

say "once more: all is skipped"
[ "$( (sweep 0.1) | grep -c '^skipped')" = 2 ] || fail "not all were skipped"

say "Ctrl-C cancels the jobs"
(sweep 3.0) & pid=$!
wait_for '[ "$(squeue --noheader --name=drawbar --states=RUNNING | wc -l)" -ge 1 ]'
kill -TERM $pid; wait $pid && fail "exit code 0" || [ $? = 130 ] || fail "exit code is not 130"
wait_for '[ "$(count)" = 0 ]'

say "all is well: $STUDY"
