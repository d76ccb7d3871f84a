#!/bin/sh
# The gate: a release goes on only when `mailroom setup` has nothing left to create.
#
#     preflight.sh            asks what is missing and changes nothing
#     preflight.sh --apply    creates what is missing, then asks
#
# `mailroom setup` exits 0 even with everything missing; only the last line of its report tells:
#
#     N to create · M existing                               asked
#     N created · M existing[ · F failed][ · S skipped]      applied
#
# Exit 0 at `0 to create` alone. Otherwise setup's own status where it failed; 1 where something is missing, could not
# be created, or cannot be read; 2 for a wrong call; 130 or 143 on SIGINT or SIGTERM, with setup ended at once.
#
# Stdout, passed: the whole report, then the verdict. Failed: the verdict, each row that is missing or failed as
# `  Section: name`, and the ways out. The verdict is in the termination message too, where `kubectl describe` finds it.
#
# Setup's own errors can hold credentials, so nothing that it printed is passed on without `mask`.
#
# Environment: MAILROOM_JMAP_TOKEN, MAILROOM_CARDDAV_USERNAME, MAILROOM_CARDDAV_PASSWORD (to be masked), TERMINATION_LOG
# (/dev/termination-log), TMPDIR (/tmp). Programs: mailroom and those listed below; GNU's, Debian's and busybox's do.
# All text is read as bytes (LC_ALL=C), in which `✗` and `·` are strings and never single characters.

set -u

programs='awk base64 mktemp mv rm tail tr'
token=${MAILROOM_JMAP_TOKEN-}
username=${MAILROOM_CARDDAV_USERNAME-}
password=${MAILROOM_CARDDAV_PASSWORD-}
setup=   # the process id while setup runs
status=1 # of the last setup

main() {
    case "$#${1-}" in
        0) mode='' ;;
        1--apply) mode=--apply ;;
        *) fail 2 'usage: preflight.sh [--apply]' ;;
    esac
    for program in $programs; do
        command -v "$program" >/dev/null || fail 1 "this image has no program called $program, which the gate needs"
    done
    encoded=$(encode)
    work=$(mktemp -d) || fail 1 "no place for the report: ${TMPDIR:-/tmp} is not writable"
    trap 'rm -rf "$work"' EXIT
    trap 'interrupted 130' INT
    trap 'interrupted 143' TERM

    if [ -n "$mode" ]; then
        run_setup --apply
        check_applied
        mv "$work/report" "$work/applied"
    fi
    run_setup
    check_asked
    pass
}

# run_setup [--apply]: leaves $work/report (stdout), $work/errors (stderr) and $status. In the background, because a
# shell that waits in the foreground does not see a signal before setup has ended.
run_setup() {
    asked="mailroom setup${1:+ $1}"
    mailroom setup "$@" >"$work/report" 2>"$work/errors" &
    setup=$!
    wait "$setup"
    status=$?
    setup=
}

# interrupted STATUS: ends setup by SIGKILL, because it ignores SIGTERM, and a gate that lives on beside the next one
# creates contact groups twice.
interrupted() {
    trap '' INT TERM
    if [ -n "$setup" ]; then
        kill -KILL "$setup"
        wait "$setup"
    fi 2>/dev/null
    fail "$1" 'stopped by a signal (deadline, deleted pod or keyboard) before setup had ended'
}

check_asked() {
    [ "$status" = 0 ] || fail_setup
    read_plan
    [ "$plan" = asked ] || fail_unreadable
    [ "$count" = 0 ] && return
    if [ -n "$mode" ]; then
        fail 1 "setup has created what it could, and still not everything exists: $summary" "$(rows missing)"
    fi
    fail 1 "not everything that the configuration names exists: $summary" "$(rows missing)"
}

check_applied() {
    [ "$status" = 0 ] || fail_setup
    read_plan
    [ "$plan" = applied ] || fail_unreadable
    [ "$undone" = 0 ] || fail 1 "setup could not create everything: $summary" "$(rows failed)"
}

# read_plan: sets plan (asked, applied or unreadable), count (of what is to create or was created), undone (0 when
# nothing failed or was skipped) and summary from the report's last line.
read_plan() {
    plan=unreadable count='' undone='' summary=''
    # shellcheck disable=SC2046 # four words, made of digits and letters alone
    set -- $(LC_ALL=C awk '
        { last = $0 }
        END {
            parts = split(last, part, " · ")
            undone = 0
            for (i = 3; i <= parts; i++) {
                if (part[i] !~ /^[0-9]+ (failed|skipped)$/) exit
                if (part[i] !~ /^0+ /) undone = 1
            }
            if (parts < 2 || part[2] !~ /^[0-9]+ existing$/) exit
            split(part[1], word, " ")
            if (parts == 2 && part[1] ~ /^[0-9]+ to create$/) print "asked", word[1], 0
            if (part[1] ~ /^[0-9]+ created$/) print "applied", word[1], undone
        }' "$work/report")
    [ $# = 3 ] || return
    plan=$1 count=$2 undone=$3 summary=$(tail -n 1 "$work/report")
}

# rows missing|failed: `Section: name` of each such row, with setup's reason where it gives one. The section belongs to
# it: a mailbox and a contact group often have the same name. A row's name is padded to 30 characters, which tells it
# from a line of the guidance, and its status from a name that reads like one.
rows() {
    LC_ALL=C awk -v wanted="$1" '
        /^(Mailboxes|Action Labels|Contact Groups|Mailroom)$/ { section = $0 ": " }
        wanted == "missing" && index($0, "  + ") == 1 && / create$/ {
            show(substr($0, length("  + ") + 1), length($0) - length("  + ") - length(" create"), "")
        }
        wanted == "failed" && (index($0, "  ✗ ") == 1 || index($0, "  ⊘ ") == 1) {
            row = substr($0, length("  ✗ ") + 1)
            if (match(substr(row, 31), / (FAILED:|skipped)/)) show(row, 29 + RSTART, ": " substr(row, 31 + RSTART))
        }
        function show(row, width, reason,    name) {
            if (width < 30) return
            name = substr(row, 1, width)
            sub(/ +$/, "", name)
            print section name reason
        }' "$work/report" | mask
}

# reason: why setup failed, in its own words where they are known to be safe; of a traceback only the exception's name.
reason() {
    mask <"$work/errors" | LC_ALL=C awk '
        /^(Error: Config file not found|Configuration error|(JMAP|CardDAV) connection failed): / { own = 1; words = "" }
        own && !/^ *For further information/ {
            for (i = 1; i <= NF && length(words) + length($i) < 1000; i++) words = words (words == "" ? "" : " ") $i
        }
        traceback && /^[^ ]/ { exception = $0; sub(/[^A-Za-z0-9_.].*/, "", exception); traceback = 0 }
        /^Traceback / { traceback = 1 }
        END { print (own ? words : exception) }'
}

# mask: passes stdin on without credentials, in plain, as Python or JSON quote them, or in base64; without the rest of
# an Authorization value, and without the input that pydantic repeats (it may be cut in the middle of a credential).
mask() {
    ENCODED=$encoded TOKEN=$token USERNAME=$username PASSWORD=$password LC_ALL=C awk '
        BEGIN {
            add(ENVIRON["TOKEN"]); add(ENVIRON["USERNAME"]); add(ENVIRON["PASSWORD"]); add(ENVIRON["ENCODED"])
        }
        {
            line = $0
            for (i = 1; i <= forms; i++) line = without(line, form[i])
            sub(/input_value=.*/, "input_value=***", line)
            if (match(line, /(Bearer|Basic) /)) line = substr(line, 1, RSTART + RLENGTH - 1) "***"
            print line
        }
        function add(value,    line, lines, i) {
            lines = split(value, line, "\n")
            for (i = 1; i <= lines; i++) {
                insert(line[i])
                insert(quoted(line[i], ""))
                insert(quoted(line[i], "\047"))
                insert(quoted(line[i], "\""))
            }
        }
        function quoted(value, quote,    i, c, out) {
            for (i = 1; i <= length(value); i++) {
                c = substr(value, i, 1)
                out = out (c == "\t" ? "\\t" : (c == "\\" || c == quote ? "\\" : "") c)
            }
            return out
        }
        function insert(value,    i) { # the longest first: one form may be a part of another
            if (value == "") return
            for (i = ++forms; i > 1 && length(form[i - 1]) < length(value); i--) form[i] = form[i - 1]
            form[i] = value
        }
        function without(text, value,    at, out) {
            while (at = index(text, value)) {
                out = out substr(text, 1, at - 1) "***"
                text = substr(text, at + length(value))
            }
            return out text
        }'
}

# encode: the credentials in base64, one a line, and the pair that HTTP's basic authentication makes of them.
encode() {
    for value in "$token" "$username" "$password" "$username:$password"; do
        printf %s "$value" | base64 | tr -d '=\n'
        echo
    done
}

pass() {
    [ -z "$mode" ] || mask <"$work/applied"
    mask <"$work/report"
    echo
    conclude 'passed: everything that the configuration names exists'
    exit 0
}

# fail_setup: setup exited with a status other than 0.
fail_setup() {
    why=$(reason)
    read_plan
    if [ "$plan" = applied ]; then
        why=$summary
    elif [ "$status" -gt 128 ]; then # what it printed may end in the middle of a credential
        fail "$status" "$asked was killed by signal $((status - 128)); at 9 the memory limit may be too low"
    elif [ "$status" = 127 ]; then
        why='this image has no program called mailroom'
    fi
    fail "$status" "$asked failed with status $status: ${why:-it gave no reason}" "$(rows failed)"
}

fail_unreadable() {
    fail 1 "cannot read the plan: the last line of $asked is no summary that this gate knows; look for a newer chart"
}

# fail STATUS VERDICT [ROWS]: says why, and the ways out.
fail() {
    conclude "failed: $2" "${3-}"
    if [ -n "${3-}" ]; then
        printf '\n%s\n' "$3" | awk '{ print ($0 == "" ? "" : "  ") $0 }'
    elif [ -s "${work-/nowhere}/errors" ] && [ "$1" -le 128 ]; then
        said=$(mask <"$work/errors" | tail -n 20)
        [ "$said" = "${why-}" ] || printf '\nSetup printed at its end:\n%s\n' "$said"
    fi
    printf '\nThis release was not rolled out; what ran before still runs. '
    if [ -n "${mode-}" ]; then
        printf '%s\n' 'What setup has created stays.' \
            'Mend the cause and deploy again with setup.apply=true: it creates only what is still missing.'
    elif [ "$status:${plan-}" = 0:asked ]; then
        printf '%s\n' 'Nothing was changed. Two ways out:' \
            '  1. Make the configuration name what exists, or create it in Fastmail by hand; then deploy again.' \
            '  2. Let the gate create what is missing: deploy again with setup.apply=true.'
    else
        printf '%s\n' 'Nothing was changed.' 'Mend the cause and deploy again.'
    fi
    exit "$1"
}

# conclude VERDICT [ROWS]: prints the verdict, and leaves it as termination message with as many rows as have room: the
# kubelet takes 4096 bytes.
conclude() {
    printf 'gate %s\n' "$1"
    message=$(
        printf '%s\n' "gate $1" "${2-}" | LC_ALL=C awk '
            NR == 1 { text = $0; next }
            $0 == "" { next }
            more || length(text) + length($0) > 3000 { more++; next }
            { text = text (rows++ ? ", " : ": ") $0 }
            END { print text (more ? " and " more " more" : "") }'
    )
    log=${TERMINATION_LOG:-/dev/termination-log}
    [ ! -w "$log" ] || printf '%s\n' "$message" >"$log"
}

main "$@"
