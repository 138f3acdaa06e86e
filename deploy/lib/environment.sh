# The build and run environment, for the scripts beside this folder to source.
#
# Perch needs a recent toolchain (GCC 15, CMake 3.31, Boost 1.90, libllama 0.7). Where the system's own packages are new enough they are
# used as they are. Anywhere else on Linux a Debian 14 root is made once in the user's cache folder and entered with bubblewrap; the
# checkout, the home folder and the network stay the same inside it, so paths and ports mean the same on both sides.
#
# After sourcing: `environment_prepare GROUP...` installs the package groups of deploy/packages, `environment_exec CMD...` replaces this
# shell by CMD inside the environment.

set -euo pipefail

readonly perch_source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly perch_cache=${PERCH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/perch}
readonly perch_release=forky
readonly perch_root=$perch_cache/root-$perch_release-$(uname -m)

say() { printf '%s\n' "perch: $*" >&2; }
die() { say "$*"; exit 1; }

# at_least HAVE WANT: true when version HAVE is WANT or newer.
at_least() { [ -n "$1" ] && [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

packages_of() {
  local group
  for group in "$@"; do grep -v '^#' "$perch_source/deploy/packages/$group.txt"; done | sort -u
}

# --- which environment ------------------------------------------------------------------------------------------------

candidate_version() { apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: \([0-9]*:\)\?\([0-9][^ ]*\)$/\2/p'; }

apt_is_new_enough() {
  command -v apt-get >/dev/null || return 1
  at_least "$(candidate_version g++ | cut -d- -f1)" 15 &&
    at_least "$(candidate_version libboost-dev)" 1.90 &&
    at_least "$(candidate_version libllama-dev)" 0.7 &&
    [ -n "$(candidate_version libminja-dev)" ]
}

environment_kind() {
  if [ -n "${PERCH_ENVIRONMENT:-}" ]; then echo "$PERCH_ENVIRONMENT"
  elif [ "$(uname -s)" = Darwin ]; then echo homebrew
  elif apt_is_new_enough; then echo native
  else echo root
  fi
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "installing packages needs root: run '$*' as root, then try again"
  fi
}

# --- preparing it -----------------------------------------------------------------------------------------------------

apt_quiet() { DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Use-Pty=0 -o Acquire::Check-Valid-Until=false "$@"; }

prepare_native() {
  local missing
  missing=$(for p in $(packages_of "$@"); do dpkg -s "$p" >/dev/null 2>&1 || echo "$p"; done)
  [ -z "$missing" ] && return
  say "installing" $missing
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y update
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends $missing
}

# Untried: no macOS machine has run this yet.
prepare_homebrew() {
  command -v brew >/dev/null || die "install Homebrew (https://brew.sh), then try again"
  say "using Homebrew packages (untried on macOS so far: please report what breaks)"
  brew install --quiet boost ccache cli11 cmake googletest jq llama.cpp minja ninja nlohmann-json node openssl@3 pkgconf shellcheck simdjson spdlog xxhash yaml-cpp
}

make_root() {
  if ! command -v mmdebstrap >/dev/null || ! command -v bwrap >/dev/null; then
    command -v apt-get >/dev/null || die "install mmdebstrap and bubblewrap with your package manager, then try again"
    say "installing mmdebstrap and bubblewrap"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y update
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends mmdebstrap bubblewrap ca-certificates >/dev/null
  fi
  say "making the Debian $perch_release root in $perch_root (a minute or two, 2 GB, once)"
  local building=$perch_root.building log=$perch_cache/root.log
  as_root rm -rf "$building"
  # A mirror may be frozen at a past day, so the age of its release file is not checked; signatures are.
  as_root mmdebstrap --variant=apt --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='APT::Install-Recommends "false"' \
    --include="$(packages_of "$@" | paste -sd,)" "$perch_release" "$building" >"$log" 2>&1 ||
    { tail -n 20 "$log" >&2; die "mmdebstrap failed; the whole log is $log"; }
  packages_of "$@" | as_root tee "$building/.perch-packages" >/dev/null
  as_root mv "$building" "$perch_root"
}

prepare_root() {
  mkdir -p "$perch_cache"
  exec 9>"$perch_cache/root.lock"
  flock 9
  [ -d "$perch_root" ] || make_root "$@"
  local missing
  missing=$(packages_of "$@" | grep -vxFf "$perch_root/.perch-packages" || true)
  if [ -n "$missing" ]; then
    say "adding to the root:" $missing
    as_root chroot "$perch_root" bash -c "$(declare -f apt_quiet); apt_quiet update && apt_quiet install --no-install-recommends \"\$@\"" - $missing \
      >"$perch_cache/root.log" 2>&1 ||
      { tail -n 20 "$perch_cache/root.log" >&2; die "installing packages in the root failed; the whole log is $perch_cache/root.log"; }
    printf '%s\n' $missing | as_root tee -a "$perch_root/.perch-packages" >/dev/null
  fi
  exec 9>&-
}

environment_prepare() {
  [ -n "${PERCH_INSIDE:-}" ] && return
  case $(environment_kind) in
    native) prepare_native "$@" ;;
    homebrew) prepare_homebrew ;;
    root) prepare_root "$@" ;;
    *) die "PERCH_ENVIRONMENT must be native, homebrew or root, not '$PERCH_ENVIRONMENT'" ;;
  esac
}

# --- entering it ------------------------------------------------------------------------------------------------------

# Every top-level folder that the root does not have itself (home, mnt, data, ...) is shown inside under its own name.
host_folders() {
  local folder
  for folder in /*/; do
    folder=${folder%/}
    case $folder in
      /bin | /boot | /dev | /etc | /lib* | /lost+found | /opt | /proc | /run | /sbin | /sys | /usr | /var) ;;
      *) printf '%s\n' --bind "$folder" "$folder" ;;
    esac
  done
  [ -d /run/user ] && printf '%s\n' --bind /run/user /run/user
  return 0
}

# The folder of the cgroup (version 2) that we are in stays writable if it is so outside: workers get cgroups of their own there.
own_cgroup() {
  local cgroup mount
  cgroup=$(sed -n 's/^0:://p' /proc/self/cgroup 2>/dev/null)
  mount=$(awk '/ - cgroup2 / && $4 == "/" {print $5; exit}' /proc/self/mountinfo 2>/dev/null)
  [ -n "$cgroup" ] && [ -n "$mount" ] && [ -w "$mount$cgroup" ] && printf '%s\n' --bind "$mount$cgroup" "$mount$cgroup"
  return 0
}

# Fills the array `enter` with the command line that goes in front of one to run inside the root.
root_entry() {
  local binds cgroup
  mapfile -t binds < <(host_folders)
  mapfile -t cgroup < <(own_cgroup)
  # Certificates that the machine's owner added for Node (a company's proxy) are not in the root's own store.
  [ -f "${NODE_EXTRA_CA_CERTS:-}" ] && binds+=(--ro-bind "$NODE_EXTRA_CA_CERTS" /run/extra-certificates.crt --setenv NODE_EXTRA_CA_CERTS /run/extra-certificates.crt)
  # /proc and the process ids stay the host's, so that signals, /proc scans and parent-death work as outside.
  enter=(bwrap --die-with-parent --bind "$perch_root" / --dev-bind /dev /dev --bind /proc /proc
    --ro-bind /sys /sys "${cgroup[@]}" "${binds[@]}"
    --ro-bind-try /etc/resolv.conf /etc/resolv.conf --ro-bind-try /etc/hosts /etc/hosts
    --setenv PERCH_INSIDE root --setenv LC_ALL C.UTF-8 --setenv PATH /usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
    --unsetenv LD_PRELOAD --unsetenv LD_LIBRARY_PATH --unsetenv PYTHONPATH --unsetenv CC --unsetenv CXX
    --chdir "$PWD")
}

environment_exec() {
  export CCACHE_DIR=${CCACHE_DIR:-$perch_cache/ccache}
  # Clones in different folders share the cache: paths under the checkout are made relative before hashing.
  export CCACHE_BASEDIR=$perch_source CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-3G}
  local enter=()
  if [ -z "${PERCH_INSIDE:-}" ]; then
    if [ "$(environment_kind)" = root ]; then root_entry; else export PERCH_INSIDE=native; fi
  fi
  exec "${enter[@]}" "$@"
}

# environment_build PRESET [TARGET...]: configures when needed, then builds. Shows progress.
environment_build() {
  local preset=$1
  shift
  local targets=()
  [ $# -gt 0 ] && targets=(--target "$@")
  (
    cd "$perch_source"
    mkdir -p build
    environment_exec bash -c '
      set -e
      preset=$1; shift
      cmake --preset "$preset" >"build/.configure.log" 2>&1 || { cat build/.configure.log >&2; exit 1; }
      cmake --build --preset "$preset" "$@"' - "$preset" "${targets[@]}"
  )
}

# environment_serve CMD...: like environment_exec, for a daemon: signals reach it, and its exit status comes back.
environment_serve() {
  if [ -n "${PERCH_INSIDE:-}" ] || [ "$(environment_kind)" != root ]; then environment_exec "$@"; fi
  local enter info daemon= status=0
  info=$(mktemp "${TMPDIR:-/tmp}/perch-enter.XXXXXX")
  root_entry
  # bwrap stays as the parent and would die of a signal without passing it on, so it ignores them and the daemon gets them from here.
  (trap '' INT TERM HUP; exec "${enter[@]}" --info-fd 8 "$@" 8>"$info") &
  local bwrap=$!
  while [ -z "$daemon" ] && kill -0 "$bwrap" 2>/dev/null; do
    sleep 0.02
    daemon=$(sed -n 's/.*"child-pid": *\([0-9]*\).*/\1/p' "$info")
  done
  rm -f "$info"
  trap 'kill -TERM "$daemon" 2>/dev/null || true' TERM
  trap 'kill -HUP "$daemon" 2>/dev/null || true' HUP
  trap ':' INT  # from a terminal the whole group gets it
  while :; do
    status=0
    wait "$bwrap" || status=$?
    kill -0 "$bwrap" 2>/dev/null || exit "$status"  # a trapped signal only ends `wait`
  done
}
