# A cluster that answers with the files of `answers`.
case "$*" in
    version*) answer kubectl-version ;;
    'get namespace kube-system'*) answer kube-system ;;
    'get namespace '*) answer namespace ;;
    'get --raw /version'*) answer server-version ;;
    'get pods '*) answer pods ;;
    'get '*) answer objects ;;
    'create --filename - '*)
        # One verdict for each right that is asked for: "no" where a line of `denied` is part of the question.
        tr '{' '\n' <"$CALL/stdin" | grep '"verb"' | while read -r right; do
            allowed=true
            printf '%s' "$right" | grep -q -f "$HERE/answers/denied" && allowed=false
            printf '{"status": {"allowed": %s}}\n' "$allowed"
        done ;;
    'create --dry-run=server '*) answer dry-create ;;
    'apply --server-side '*) answer dry-apply ;;
    *) echo "unexpected: $*" >&2; exit 99 ;;
esac
