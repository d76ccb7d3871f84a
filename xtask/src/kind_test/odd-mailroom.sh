#!/bin/sh
# In place of mailroom, for kind-test: it keeps to the contract or not as a word in its configuration says.
case $(cat "$MAILROOM_CONFIG") in
    *Babbling*) echo 'all is well' ;;   # a report whose last line is no summary
    *Silent*) ;;                        # no report at all
    *Truncated*) printf 'Feed  exists\n\n0 to create · 1 exis' ;; # a report that was cut off, like a good one until there
    *Crashing* | *Sleeping*) [ "$1" != setup ] || echo '0 to create · 1 existing' ;;
esac
[ "$1" != setup ] || exit 0
case $(cat "$MAILROOM_CONFIG") in
    *Crashing*) echo 'this one cannot start' >&2 && exit 7 ;;
esac
trap 'exit 0' TERM
while :; do sleep 1; done # it runs, and listens nowhere
