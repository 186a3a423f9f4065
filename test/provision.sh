#!/usr/bin/env bash
# Brings the real parts the tests need: a Docker engine that answers, a test image, Chromium, iptables, etcd, the official
# Python client, and the oldest and the newest kubectl at hand. As root on Debian it installs what is missing; elsewhere it only says what
# is missing, and the tests skip what they cannot do. Running it again changes nothing.
set -euo pipefail

cd "$(dirname "$0")"
state=/var/lib/wheelhouse-test
cache=$PWD/.cache
image=wheelhouse/busybox:test

say() { echo "provision: $*"; }
has() { command -v "$1" >/dev/null 2>&1; }
engine_answers() { has docker && timeout 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }
static_busybox() { has busybox && ! ldd "$(command -v busybox)" >/dev/null 2>&1; }

missing_packages() {
  has dockerd || engine_answers || echo docker.io
  has iptables || echo iptables
  static_busybox || echo busybox-static
  has chromium || echo chromium
  has kubectl || echo kubernetes-client
  has etcd || echo etcd-server
  has curl || echo curl
  has ip || echo iproute2
  /usr/bin/python3 -c 'import kubernetes' 2>/dev/null || echo python3-kubernetes
}

if [ "$(id -u)" != 0 ] || ! has apt-get; then
  missing=$(missing_packages | tr '\n' ' ')
  [ -z "$missing" ] || say "missing, and only root on Debian can install it here: $missing"
  engine_answers || say 'no Docker engine answers: start one, and the tests that need it will run'
  { engine_answers && docker image inspect "$image" >/dev/null 2>&1; } || say "the test image $image is not there: the tests that need it are skipped"
  exit 0
fi

mkdir -p "$state" "$cache"
exec 9>"$state/lock"
flock 9

refreshed=
refresh_index() {
  [ -z "$refreshed" ] || return 0
  apt-get update -qq 9>&-
  refreshed=yes
}

install_packages() {
  local missing
  missing=$(missing_packages)
  [ -n "$missing" ] || return 0
  say "installing" $missing
  refresh_index
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >"$state/apt.log" 2>&1 9>&- || {
    tail -n 20 "$state/apt.log" >&2
    say "apt-get install failed, see $state/apt.log"
    exit 1
  }
}

# Debian's kubectl is the oldest supported one; it is unpacked beside whatever newer kubectl the machine has.
fetch_oldest_kubectl() {
  [ -x "$cache/kubectl-debian/usr/bin/kubectl" ] && return 0
  say "fetching Debian's kubectl into test/.cache/kubectl-debian"
  refresh_index
  local scratch
  scratch=$(mktemp -d)
  (cd "$scratch" && chmod 755 . && apt-get download -qq -o APT::Sandbox::User=root kubernetes-client 9>&-)
  dpkg -x "$scratch"/kubernetes-client_*.deb "$scratch/root"
  rm -rf "$cache/kubectl-debian"
  mv "$scratch/root" "$cache/kubectl-debian"
  rm -rf "$scratch"
}

# Debian unstable has the newest kubectl. It is asked through a package index of its own, so that nothing else comes from there.
fetch_newest_kubectl() {
  [ -x "$cache/kubectl-newest/usr/bin/kubectl" ] && return 0
  say "fetching the newest kubectl of Debian unstable into test/.cache/kubectl-newest"
  local scratch
  scratch=$(mktemp -d)
  chmod 755 "$scratch"
  mkdir -p "$scratch/lists/partial" "$scratch/cache/archives/partial"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian unstable main" >"$scratch/sources"
  if (
    cd "$scratch"
    from=(-qq -o APT::Sandbox::User=root -o Dir::State::lists="$scratch/lists" -o Dir::Cache="$scratch/cache" -o Dir::Etc::sourcelist="$scratch/sources" -o Dir::Etc::sourceparts=-)
    apt-get "${from[@]}" update 9>&- && apt-get "${from[@]}" download kubectl/unstable 9>&-
  ) >"$state/kubectl.log" 2>&1 && dpkg -x "$scratch"/kubectl_*.deb "$scratch/root"; then
    rm -rf "$cache/kubectl-newest"
    mv "$scratch/root" "$cache/kubectl-newest"
  else
    say "it could not be had, see $state/kubectl.log: the newest kubectl tried is the one on PATH"
  fi
  rm -rf "$scratch"
}

start_engine_with() {
  # what an engine that was ended left behind names processes that are gone, or others by now
  rm -rf "$state/dockerd.pid" "$state/exec"
  setsid nohup dockerd --data-root "$state/docker" --exec-root "$state/exec" --pidfile "$state/dockerd.pid" \
    --storage-driver "$1" >"$state/dockerd.log" 2>&1 </dev/null 9>&- &
  local pid=$!
  for _ in $(seq 300); do
    engine_answers && return 0
    kill -0 "$pid" 2>/dev/null || return 1
    sleep 0.1
  done
  kill "$pid" 2>/dev/null || true
  return 1
}

start_engine() {
  engine_answers && return 0
  for driver in overlay2 vfs; do
    say "starting dockerd with $driver, log in $state/dockerd.log"
    start_engine_with "$driver" && return 0
  done
  tail -n 20 "$state/dockerd.log" >&2
  say "dockerd did not start, see $state/dockerd.log"
  exit 1
}

build_test_image() {
  docker image inspect "$image" >/dev/null 2>&1 && return 0
  say "building $image from $(command -v busybox)"
  local root
  root=$(mktemp -d)
  mkdir -p "$root"/{bin,etc,root,home,var/www} "$root/tmp"
  chmod 755 "$root"
  chmod 1777 "$root/tmp"
  cp -L "$(command -v busybox)" "$root/bin/busybox"
  busybox --list | while read -r applet; do [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"; done
  printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n' >"$root/etc/passwd"
  printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
  tar -C "$root" --numeric-owner --owner=0 --group=0 -c . | docker import -c 'CMD ["sh"]' - "$image" >/dev/null
  rm -rf "$root"
}

install_packages
fetch_oldest_kubectl
fetch_newest_kubectl
start_engine
build_test_image
say "ready: Docker $(docker version --format '{{.Server.Version}}'), $image, kubectl in test/.cache/kubectl-*/usr/bin"
