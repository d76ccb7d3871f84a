# Helm, which answers with the files of `answers` too.
case "$*" in
    version*) answer helm-version ;;
    lint*) answer lint ;;
    template*) answer render ;;
    history*) answer history ;;
    'get manifest'*)
        while [ $# -gt 0 ] && [ "$1" != --revision ]; do shift; done
        answer "manifest.$2" ;;
    *) echo "unexpected: $*" >&2; exit 99 ;;
esac
