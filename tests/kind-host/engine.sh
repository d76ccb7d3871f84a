#!/usr/bin/env bash
# Bring up a Docker engine on a Debian machine. Where one answers, there is nothing to do.
#
#   engine.sh
#
# Everything comes from Debian's packages. The engine goes on running; its log is /var/log/dockerd.log, or the
# journal's where systemd runs the machine.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

LIMIT=60   # seconds for the engine to answer
WRAPPER=/usr/local/bin/runc-bounded
LOG=/var/log/dockerd.log

answers() { docker info >/dev/null 2>&1; }

main() {
  if answers; then
    say "an engine answers already"
    return
  fi
  if docker info 2>&1 | grep -q 'permission denied'; then
    die "an engine runs, but not for $(id -un): add the user to the group docker, or use sudo"
  fi
  as_root "starting an engine"
  install_packages docker.io iptables jq
  command -v docker >/dev/null || install_packages docker-cli   # a package of its own since Debian 13
  exec 9> /run/lock/mailroom-engine && flock 9   # two of us at once would start two engines
  answers || start
  wait_for_answer
}

start() {
  local arguments=()
  if lacks_cap_sys_resource; then
    say "root has no CAP_SYS_RESOURCE here, so containers go without it ($WRAPPER)"
    install -m 755 "$here/runc-bounded" "$WRAPPER"
    arguments=(--add-runtime "bounded=$WRAPPER" --default-runtime bounded)
  elif [[ -d /run/systemd/system ]]; then
    systemctl start docker
    return
  fi
  setsid nohup dockerd "${arguments[@]}" > "$LOG" 2>&1 < /dev/null 9>&- &
}

lacks_cap_sys_resource() {
  local bounding
  bounding=$(awk '/^CapBnd/ {print $2}' /proc/self/status)
  (( (16#$bounding >> 24 & 1) == 0 ))   # 24 is CAP_SYS_RESOURCE
}

wait_for_answer() {
  local deadline=$((SECONDS + LIMIT))
  until answers; do
    if (( SECONDS >= deadline )); then
      [[ ! -f $LOG ]] || tail -20 "$LOG" >&2
      die "the engine did not answer within $LIMIT s"
    fi
    sleep 0.2
  done
  say "engine $(docker version --format '{{.Server.Version}}') answers"
}

main
