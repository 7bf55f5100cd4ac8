#!/bin/sh
# Makes sure of what only the system's package manager can give: Python with venv, RabbitMQ, and libcurl for mongod.
# Prints the path of the Python to use; everything said on the way goes to stderr. Installs with apt-get when root or
# password-less sudo allows, else ends with one sentence that says what to install.
set -eu

say() { echo "setup: $*" >&2; }

fitting() { "$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; }

python() {
    for name in python3.11 python3 python3.12 python3.13 /usr/bin/python3; do
        found=$(command -v "$name") && fitting "$found" && echo "$found" && return
    done
    return 1
}

has_library() { { /sbin/ldconfig -p 2>/dev/null || true; } | grep -q "$1"; }

missing() {
    python >/dev/null || echo python3 python3-venv
    [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || echo rabbitmq-server
    [ -n "${MONGO_URI:-}" ] || command -v mongod >/dev/null || has_library libcurl.so.4 || echo libcurl4
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Shows what a command said only when it failed.
quietly() {
    said=$("$@" 2>&1) || { status=$?; printf '%s\n' "$said" >&2; exit "$status"; }
}

may_install() {
    command -v apt-get >/dev/null || return 1
    [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

# While this file says 101, no package starts its service. The machine's own broker is not ours to run.
policy=/usr/sbin/policy-rc.d

restore_policy() {
    as_root rm -f "$policy"
    if as_root test -e "$policy.mahalle"; then as_root mv "$policy.mahalle" "$policy"; fi
}

install() {
    trap restore_policy EXIT
    trap 'exit 130' INT TERM
    if as_root test -e "$policy"; then as_root mv "$policy" "$policy.mahalle"; fi
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    say "apt-get update"
    quietly as_root apt-get update -qq
    say "apt-get install $*"
    quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@"
    case " $* " in
        *" rabbitmq-server "*) as_root systemctl disable --quiet rabbitmq-server >/dev/null 2>&1 || true ;;
    esac
    restore_policy
    trap - EXIT INT TERM
}

wanted=$(missing | tr '\n' ' ')
if [ -n "$wanted" ]; then
    if ! may_install; then
        say "please install ${wanted% } (Debian: apt-get install ${wanted% }) and run this again."
        exit 1
    fi
    # shellcheck disable=SC2086  # a list of words
    install $wanted
fi
python || { say "no Python from 3.11 to 3.13 with venv is to be found. Install python3 and python3-venv."; exit 1; }
