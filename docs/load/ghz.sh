#!/bin/sh
# ghz: https://ghz.sh. Needs no generated code, only the descriptor set.
#
#   sh ghz.sh [HOST:PORT] [CALLS A SECOND]
#
# --async lets calls leave on schedule whatever the ones before do; without it --rps is a closed loop.
set -eu
SERVER=${1:-127.0.0.1:50051}
RATE=${2:-50}
dancu descriptor --out dancu.binpb
ghz --insecure --protoset dancu.binpb --call dancu.v1.IdentityService.VerifyIdentity \
  --async --rps "$RATE" --duration 30s --concurrency 200 --connections 4 \
  --data '{
    "context": {"request_id": "{{newUUID}}", "procedure_code": "DEMO.VERIFY",
                "unit_code": "000.00.00.G01", "officer_id": "DEMO-OFFICER"},
    "claim": {"personal_id": "079088000001", "full_name": "Trần Minh Khôi",
              "birth_date": {"year": 1988, "month": 3, "day": 14}}
  }' "$SERVER"
