# What changes the cluster: from then on it answers with the files of `after-upgrade` or `after-rollback`.
# One that hangs waits for SIGTERM; nobody who forgets to send it waits for ever.
case "$1" in
    upgrade | rollback)
        ended() {
            kill "$waiting"
            echo 'Error: UPGRADE FAILED: context canceled' >&2
            exit 1
        }
        if [ -e "$HERE/answers/$1.hangs" ]; then
            sleep 60 &
            waiting=$!
            trap ended TERM
        fi
        [ ! -d "$HERE/after-$1" ] || cp "$HERE/after-$1/"* "$HERE/answers/"
        [ ! -e "$HERE/answers/$1.hangs" ] || wait "$waiting"
        answer "$1" ;;
esac
