# Sourced by bin/demo, bin/dev, bin/test and bench/: creates a Python environment (.venv) with exactly what a lock file lists.
# Messages go to standard error; standard output belongs to the commands.

say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# new_enough PYTHON: whether it is 3.11 or newer.
new_enough() {
    command -v "$1" >/dev/null 2>&1 && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# Prints the Python for the environment: $PYTHON, or the first one on the path that is new enough.
find_python() {
    if [ -n "${PYTHON:-}" ]; then
        new_enough "$PYTHON" || fail "PYTHON=$PYTHON is not Python 3.11 or newer. Set PYTHON to another one, or unset it."
        printf '%s\n' "$PYTHON"
        return
    fi
    for candidate in python3 python3.13 python3.12 python3.11 python3.14; do
        if new_enough "$candidate"; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    fail "Onramp needs Python 3.11 or newer. Install it (Debian: apt-get install python3 python3-venv), or set PYTHON to its path."
}

# apt_install PACKAGE: fails unless root; the caller reports what it is for.
apt_install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || return 1
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$1" >&2 && return
    # The package list may be missing or out of date.
    apt-get update -q >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$1" >&2
}

create_environment() {
    if new_enough .venv/bin/python; then return; fi
    python=$(find_python) || exit 1
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
        say "$python cannot create environments; installing Debian's $package"
        apt_install "$package" || fail "$python cannot create environments. Install $package (as root: apt-get install $package), then start again."
    fi
    say "Creating a Python environment in .venv"
    rm -rf .venv
    "$python" -m venv .venv
}

# install LOCK: everything that requirements/LOCK.txt lists, with hashes. Does nothing if it is already installed.
install() {
    lock=requirements/$1.txt
    command -v git >/dev/null 2>&1 || fail "Onramp needs git. Install it (Debian: apt-get install git), then start again."
    # Two starts at the same time run one after the other.
    exec 9<"$lock"
    if command -v flock >/dev/null 2>&1; then flock 9; fi
    create_environment
    # requirements/test.txt includes everything of requirements/demo.txt, in the same versions.
    if ! cmp -s "$lock" ".venv/installed-$1.txt" && ! { [ "$1" = demo ] && cmp -s requirements/test.txt .venv/installed-test.txt; }; then
        say "Installing $lock (once; about a minute)"
        .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$lock" >&2 ||
            fail "pip could not install the packages; see above. If the index cannot be reached, set PIP_INDEX_URL to yours."
        cp "$lock" ".venv/installed-$1.txt"
    fi
    exec 9<&-
}
