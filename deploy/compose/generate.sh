#!/bin/sh
# Leads for trying out, in the shape of the example plan.
#   generate.sh leads FIRST COUNT      prints leads, one JSON object a line
#   generate.sh activity FIRST COUNT   prints what became of the same leads
#   generate.sh                        sends RATE leads a second to BROKERS by kcat, for ever,
#                                      and LATER seconds after each what became of it
# The example plan is that of a tenant, which the records sent name in a header.
# The same numbers give the same leads, but for their time. A run names its leads after the
# moment it began, so that a second run is not all redeliveries.
set -eu
RATE=${RATE:-20}
LATER=${LATER:-5}
BROKERS=${BROKERS:-kafka:9092}
TENANT=${TENANT:-acme}
RUN=${RUN:-$(date +%s)}

PLACES='US 90210 - -
US 10005 - -
US 94105 - -
US 60601 - -
US 77002 - -
US 02139 - -
US 98101 - -
CN - 上海 浦东新区
CN - 上海 徐汇区
CN - 北京 海淀区
CN - 深圳 南山区
CN - 苏州 -
CN - 杭州 -
CN - 成都 -
FR - Lyon -'

leads() {
    printf '%s\n' "$PLACES" | awk -v run="$RUN" -v first="$1" -v count="$2" -v now="$(date -u +%Y-%m-%dT%H:%M:%SZ)" '
        { country[NR] = $1; postal[NR] = $2; city[NR] = $3; district[NR] = $4 }
        function field(name, value) { return value == "-" ? "" : sprintf(", \"%s\": \"%s\"", name, value) }
        END {
            split("541 518 62 C36 C39 C27 J66 P83 52 31", industry, " ")
            split("webform event partner import", source, " ")
            split("crm analytics cloud", product, " ")
            for (n = first; n < first + count; n++) {
                srand(n * 7919 + 17); rand()
                at = 1 + int(rand() * NR)
                printf "{\"id\": \"G-%s-%d\", \"created_at\": \"%s\", \"source\": \"%s\"", run, n, now, source[1 + int(rand() * 4)]
                printf ", \"potential\": %d, \"score\": %d", 1000 + int(rand() * 200000), int(rand() * 100)
                # One in ten is somebody who has asked before.
                person = rand() < 0.1 && n > 10 ? n - 1 - int(rand() * 10) : n
                printf ", \"contact\": {\"email\": \"person%d@run%s.example\"}", person, run
                printf ", \"company\": {\"industry\": \"%s\", \"employees\": %d}", industry[1 + int(rand() * 10)], 1 + int(exp(rand() * 8))
                printf ", \"address\": {\"country\": \"%s\"%s%s%s}", country[at], field("postal_code", postal[at]), field("city", city[at]), field("district", district[at])
                printf ", \"products\": [\"%s\"]}\n", product[1 + int(rand() * 3)]
            }
        }'
}

activity() {
    awk -v run="$RUN" -v first="$1" -v count="$2" -v now="$(date -u +%Y-%m-%dT%H:%M:%SZ)" '
        function event(type, n, more) {
            printf "{\"type\": \"lead.%s\", \"id\": \"G-%s-%d-%s\", \"at\": \"%s\", \"lead\": \"G-%s-%d\"%s}\n", type, run, n, type, now, run, n, more
        }
        BEGIN {
            for (n = first; n < first + count; n++) {
                srand(n * 104729 + 5); rand()
                fate = rand()
                if (fate < 0.1) { event("declined", n, ""); continue }
                if (fate < 0.8) event("accepted", n, "")
                if (fate < 0.7) event("touched", n, ", \"kind\": \"call\"")
                if (fate < 0.5) event("closed", n, fate < 0.3 ? ", \"result\": \"won\", \"value\": 1200" : ", \"result\": \"lost\"")
            }
        }'
}

send() {
    kcat -P -b "$BROKERS" -t "$1" -H "ce_tenant=$TENANT" -X partitioner=random
}

case "${1:-}" in
leads | activity) "$1" "$2" "$3" ;;
*)
    second=0
    while :; do
        leads $((second * RATE)) "$RATE" | send leads
        if [ "$second" -ge "$LATER" ]; then
            activity $(((second - LATER) * RATE)) "$RATE" | send lead-activity
        fi
        second=$((second + 1))
        sleep 1
    done
    ;;
esac
