#!/bin/sh
# Installs the build into an empty folder and uses what came there.
# usage: check.sh CMAKE BUILD SOURCE VERSION
set -eu
cmake=$1 build=$2 source=$3 version=$4
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

fail() {
    echo "$1"
    exit 1
}

DESTDIR=$root "$cmake" --install "$build" --prefix /opt/cogtrail >/dev/null
top=$root/opt/cogtrail
[ "$(ls -A "$root")" = opt ] || fail "something was installed outside of the prefix"

# Only what is named here is installed.
wanted="bin/cogtrail
share/doc/cogtrail/LICENSE
share/man/man1/cogtrail.1
share/man/man5/cogtrail-formats.5
share/man/man5/cogtrail-keymap.5
share/man/man7/cogtrail-query.7
share/man/man7/cogtrail-triage.7"
for keymap in "$source"/keymaps/*.keys; do
    wanted="$wanted
share/cogtrail/keymaps/${keymap##*/}"
    cmp "$keymap" "$top/share/cogtrail/keymaps/${keymap##*/}"
done
found=$(cd "$top" && find . ! -type d | sed 's,^\./,,' | sort)
[ "$found" = "$(echo "$wanted" | sort)" ] || fail "installed was: $found"

cmp "$source/LICENSE" "$top/share/doc/cogtrail/LICENSE"
said=$("$top/bin/cogtrail" --version)
[ "$said" = "cogtrail $version" ] || fail "--version says: $said"

# Far from its sources, the program has all it needs in itself.
(cd / && "$top/bin/cogtrail" --demo --files >"$root/files" 2>/dev/null) || [ $? = 1 ] ||
    fail "the installed program does not open the demo"
[ -s "$root/files" ] || fail "the installed program prints nothing"

if command -v mandoc >/dev/null; then
    for page in "$top"/share/man/man?/*; do
        mandoc -Tlint -W warning "$page"
        [ "$(mandoc -Tutf8 "$page" | wc -l)" -gt 50 ] || fail "$page is short"
    done
fi
