#!/bin/sh
# h2load (nghttp2-client): the highest rate of one and the same call. It is the cheapest client
# there is, so it loads a gateway that a Python client cannot; but
#
# - it is a closed loop: its latencies leave out whoever would have asked meanwhile;
# - it does not see gRPC's status: a gateway that refuses everything looks quick. Compare the log's
#   size before and after (`dancu ledger verify`): it grows by one for each answer;
# - it repeats one claim, and calls of the same moment about the same person share work.
#
#   sh h2load.sh [HOST:PORT] [SECONDS]      asks about the persona "ordinary" of `dancu dev`
set -eu
SERVER=${1:-127.0.0.1:50051}
SECONDS_=${2:-10}
BODY=$(mktemp)
trap 'rm -f "$BODY"' EXIT

# a gRPC message: one byte 0, its length in four bytes, its bytes
python3 - "$BODY" <<'PYTHON'
import struct, sys
from google.type.date_pb2 import Date
from dancu.v1.citizen_pb2 import CitizenClaim
from dancu.v1.context_pb2 import RequestContext
from dancu.v1.identity_service_pb2 import VerifyIdentityRequest

request = VerifyIdentityRequest(
    context=RequestContext(request_id="h2load", procedure_code="DEMO.VERIFY",
                           unit_code="000.00.00.G01", officer_id="DEMO-OFFICER"),
    claim=CitizenClaim(personal_id="079088000001", full_name="Trần Minh Khôi",
                       birth_date=Date(year=1988, month=3, day=14)),
).SerializeToString()
open(sys.argv[1], "wb").write(struct.pack(">BI", 0, len(request)) + request)
PYTHON

h2load --duration="$SECONDS_" --warm-up-time=2 --clients=4 --max-concurrent-streams=10 --threads=1 \
  --data="$BODY" -H 'content-type: application/grpc' -H 'te: trailers' \
  "http://$SERVER/dancu.v1.IdentityService/VerifyIdentity"
