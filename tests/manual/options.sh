#!/bin/sh
# --help stays below 80 columns and lists the options that the manual lists, in its order.
# usage: options.sh PROGRAM PAGE
program=$1 page=$2 failed=0
help=$("$program" --help) || exit 1

wide=$(printf '%s\n' "$help" | awk 'length($0) > 79')
if [ -n "$wide" ]; then
    printf 'lines of --help with 80 columns or more:\n%s\n' "$wide"
    failed=1
fi

# "-q --query" and so on, one option a line.
in_help=$(printf '%s\n' "$help" | awk '/^  +-/ {
    gsub(",", ""); sub("=.*", "", $1); sub("=.*", "", $2)
    print ($1 ~ /^--/) ? $1 : $1 " " $2 }')
in_page=$(awk '
    /^\.Sh / { inside = ($2 == "OPTIONS") }
    inside && /^\.It / {
        letter = ""
        for (i = 2; i < NF; i++) {
            if ($i == "Fl" && $(i + 1) == "Fl") { print letter "--" $(i + 2); break }
            if ($i == "Fl") letter = "-" $(i + 1) " "
        }
    }' "$page" | sed 's/\\-/-/g')
if [ -z "$in_help" ] || [ "$in_help" != "$in_page" ]; then
    printf -- '--help lists\n%s\nand the manual\n%s\n' "$in_help" "$in_page"
    failed=1
fi
exit $failed
