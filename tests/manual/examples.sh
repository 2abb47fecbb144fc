#!/bin/sh
# Runs the examples of a manual page, or of the README, on the built-in incident.
# usage: examples.sh PROGRAM PAGE
#
# In a page an example is a line of a literal block behind a comment "run": a command line that
# begins with the program's name, or a query. In the README it is a line of a fenced block that
# begins with "cogtrail --demo -". Each must end with status 0 or 1 and
# print something.
program=$1 page=$2
out=$(mktemp) || exit 4
trap 'rm -f "$out"' EXIT

# Literal lines as a reader sees them.
case $page in
*.md) examples=$(awk '/^```/ { inside = !inside } inside && /^cogtrail --demo -/' "$page") ;;
*) examples=$(awk '
    /^\.\\" run$/ { armed = 1; next }
    /^\.Bd / && armed { inside = 1; armed = 0; next }
    /^\.Ed$/ { inside = 0; next }
    inside' "$page" | sed -e 's/\\-/-/g' -e 's/\\(aq/'"'"'/g' -e 's/\\(ti/~/g' -e 's/\\e/\\/g') ;;
esac
[ -n "$examples" ] || { echo "$page: no examples"; exit 1; }

run_line() {
    case $1 in
    "cogtrail "*)
        eval "set -- ${1#cogtrail }"
        "$program" "$@" ;;
    *)
        "$program" --demo --format=jsonl -q "$1" ;;
    esac
}

failed=0
while IFS= read -r example; do
    run_line "$example" </dev/null >"$out" 2>"$out.err"
    status=$?
    if [ $status -gt 1 ] || ! [ -s "$out" ]; then
        echo "FAILED (status $status): $example"
        cat "$out.err"
        failed=1
    fi
    rm -f "$out.err"
done <<END
$examples
END
exit $failed
