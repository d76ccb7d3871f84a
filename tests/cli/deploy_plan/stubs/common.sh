#!/bin/sh
# The head of each stub. A call leaves a folder with its arguments, variables and input.
HERE='@HERE@'
CALL="$HERE/calls/@NAME@.$$"
mkdir "$CALL"
printf '%s\n' "$@" >"$CALL/argv"
env >"$CALL/env"
case " $* " in *" --filename - "*) cat >"$CALL/stdin" ;; esac
# Prints the answer of that name; with NAME.err beside it, that on stderr; with NAME.fail, the call fails.
answer() {
    [ -f "$HERE/answers/$1.err" ] && cat "$HERE/answers/$1.err" >&2
    [ -e "$HERE/answers/$1" ] && cat "$HERE/answers/$1"
    [ ! -f "$HERE/answers/$1.fail" ]
    exit
}
