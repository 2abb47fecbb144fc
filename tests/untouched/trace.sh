#!/bin/sh
# Runs the program on a tree under strace and looks for any call that writes to it: to its
# files, names, modes, owners, times or attributes.
# usage: trace.sh PROGRAM GENERATOR MUTATE
set -eu
program=$1 generator=$2 mutate=$3
if ! strace -o /dev/null true 2>/dev/null; then
    echo "strace is not there, or may not trace: skipped"
    exit 77
fi
folder=$(mktemp -d "${TMPDIR:-/tmp}/cogtrail-trace-XXXXXX")
trap 'rm -rf "$folder"' EXIT
evidence=$folder/evidence
"$generator" demo "$evidence" >/dev/null
# Archives of all kinds; each is known by its name and its content.
"$mutate" --seeds "$folder/seeds"
for seed in "$folder"/seeds/container/*; do
    mv "$seed" "$evidence/${seed##*/}.zip"
done

calls=open,openat,openat2,creat,write,pwrite64,writev,pwritev,pwritev2,truncate,ftruncate,fallocate
calls=$calls,unlink,unlinkat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,mkdir,mkdirat
calls=$calls,rmdir,mknod,mknodat,chmod,fchmod,fchmodat,chown,fchown,lchown,fchownat,utime,utimes
calls=$calls,utimensat,futimesat,setxattr,lsetxattr,fsetxattr,removexattr,lremovexattr,fremovexattr
calls=$calls,copy_file_range,sendfile,ioctl,splice,mmap

# Traces one command; each thread has a log of its own, so that lines are whole.
trace() {
    rm -f "$folder"/log.*
    strace -ff -y -qq -e trace=$calls -o "$folder/log" "$@"
}

# Calls that name the evidence (-y shows what a descriptor is of) and are no reading.
writes() {
    cat "$folder"/log.* | grep -F "$evidence" >"$folder/calls" || true
    grep -vE '^(open|openat|openat2)\(.*O_RDONLY' "$folder/calls" |
        grep -vE '^mmap\(.*PROT_READ, MAP_PRIVATE' |
        grep -vE '^[a-z0-9]*write[a-z0-9]*\((1|2)<' || true
    grep -E 'O_WRONLY|O_RDWR|O_CREAT|O_TRUNC' "$folder/calls" || true
}

# The check itself: it sees a touch, and that something was opened at all.
trace touch "$evidence/new" && rm "$evidence/new"
if [ -z "$(writes)" ]; then
    echo "a touch was not noticed"
    exit 1
fi
failed=0
for mode in "-q limit" "--files" "--verify" "--hashes" "--coverage"; do
    case $mode in "-q limit") set -- -q 'error=* | limit 5' ;; *) set -- "$mode" ;; esac
    trace "$program" "$@" "$evidence" >"$folder/out" 2>&1 || [ $? -eq 1 ]
    found=$(writes | head -20)
    if ! grep -q 'json.gz' "$folder/calls" || ! grep -q '[.]zip' "$folder/calls"; then
        echo "$mode opened nothing"
        failed=1
    fi
    if [ -n "$found" ]; then
        printf '%s wrote to the evidence:\n%s\n' "$mode" "$found"
        failed=1
    fi
done
exit $failed
