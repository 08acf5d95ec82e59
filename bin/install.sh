# Read by bin/demo, bin/dev and bin/test: a Python environment (.venv) with exactly what a lock file names.
# Everything is said on the standard error; the standard output belongs to the commands.

say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# new_enough PYTHON
new_enough() {
    command -v "$1" >/dev/null 2>&1 && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# Prints the Python to make the environment with: $PYTHON, or the first that is new enough.
find_python() {
    if [ -n "${PYTHON:-}" ]; then
        new_enough "$PYTHON" || fail "PYTHON=$PYTHON is not Python 3.11 or newer."
        printf '%s\n' "$PYTHON"
        return
    fi
    for candidate in python3 python3.13 python3.12 python3.11 python3.14; do
        if new_enough "$candidate"; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    fail "Python 3.11 or newer is needed: install it (Debian: apt-get install python3 python3-venv), or name it in PYTHON."
}

# apt_install PACKAGE: only root can; the caller says what for.
apt_install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || return 1
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$1" >&2 && return
    # The list of packages may be missing or old.
    apt-get update -q >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$1" >&2
}

make_environment() {
    if new_enough .venv/bin/python; then return; fi
    python=$(find_python) || exit 1
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
        say "$python cannot make environments; installing Debian's $package for it"
        apt_install "$package" || fail "Install $package (as root: apt-get install $package), then start again."
    fi
    say "Making a Python environment in .venv"
    rm -rf .venv
    "$python" -m venv .venv
}

# install LOCK: a file of requirements/, in full and with its hashes. Nothing happens where that is done.
install() {
    lock=requirements/$1.txt
    command -v git >/dev/null 2>&1 || fail "git is needed: install it (Debian: apt-get install git), then start again."
    # Two starts at once take turns.
    exec 9<"$lock"
    if command -v flock >/dev/null 2>&1; then flock 9; fi
    make_environment
    # What the tests need holds all that the demo needs, in the same versions.
    if ! cmp -s "$lock" ".venv/installed-$1.txt" && ! { [ "$1" = demo ] && cmp -s requirements/test.txt .venv/installed-test.txt; }; then
        say "Installing what $lock names (once; about a minute)"
        .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$lock" >&2 ||
            fail "Packages could not be installed; see above. Without a connection, point pip to your index (PIP_INDEX_URL)."
        cp "$lock" ".venv/installed-$1.txt"
    fi
    exec 9<&-
}
