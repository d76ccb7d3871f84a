# What a deploy asks and changes besides what its plan asks.
case "$*" in
    'get events,jobs.batch,pods'*) answer look ;;
    'get '*' --output name '*) answer left ;;
    'logs --follow '*) [ -e "$HERE/answers/misses-all" ] || answer gate-log; exit ;;
    'logs gate-pod '*) answer gate-log ;;
    'logs '*' --previous'*) answer log ;;
    'logs '*) [ -e "$HERE/answers/log-now" ] || answer log; answer log-now ;;
    'delete '*) answer delete ;;
    'rollout restart '*)
        [ ! -d "$HERE/after-rollout" ] || cp "$HERE/after-rollout/"* "$HERE/answers/"
        answer rollout ;;
    'patch job '*) # the gate's own Job goes on under its name, which is made anew each time
        sed "s/@OWN@/$3/g" "$HERE/answers/own-gate" >"$HERE/answers/look"
        answer patch ;;
    'create --filename - --kubeconfig '*) answer made ;;
esac
