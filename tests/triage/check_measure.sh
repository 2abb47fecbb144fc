#!/bin/sh
# usage: check_measure.sh MEASURE
# The measurement itself: somebody who knows the truth scores full, somebody who says nothing or
# cries wolf does not.
set -eu
measure=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The last argument of the program is the evidence; the truth lies beside it.
cat >"$work/knows" <<'END'
#!/bin/sh
for last; do :; done
truth=${last%/evidence}/truth.json
value() { sed -n "1s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$truth"; }
grep -q '"harmless":true' "$truth" && exit 0
events=$(sed -n '/"events":\[/,$p' "$truth" | tr -d '\n' | sed 's/.*"events":\(\[.*\]\)}/\1/')
printf '{"scenario":"%s","severity":"%s","why":"told","events":%s}\n' \
    "$(value scenario)" "$(value minimum_severity)" "$events"
END
cat >"$work/silent" <<'END'
#!/bin/sh
exit 0
END
cat >"$work/wolf" <<'END'
#!/bin/sh
echo '{"scenario":"brute-force","severity":"high","why":"wolf","events":["none"]}'
END
printf "#!/bin/sh\nexit 3\n" >"$work/false"
chmod +x "$work/knows" "$work/silent" "$work/wolf" "$work/false"

# expect STATUS PROGRAM PATTERN OPTION...
expect() {
    status=$1 program=$2 pattern=$3
    shift 3
    got=0
    "$measure" "$@" "$work/$program" 3 >"$work/out" 2>&1 || got=$?
    if [ "$got" -ne "$status" ] || ! grep -q "$pattern" "$work/out"; then
        echo "$program $*: status $got, not $status, or no '$pattern' in:"
        cat "$work/out"
        exit 1
    fi
}
expect 0 knows 'brute-force .* 100% .* 100%' --scenario=brute-force --variant=plain
expect 0 knows 'precision' --scenario=mistyped-password --variant=plain
expect 1 silent 'missed  token-theft/reuse seed 3' --scenario=token-theft --variant=reuse
expect 1 wolf 'false   ordinary-days/plain seed 3' --scenario=ordinary-days --variant=plain
expect 1 wolf 'missed  sms-pumping/plain' --scenario=sms-pumping --variant=plain
expect 4 false 'failed' --scenario=ordinary-days --variant=plain
