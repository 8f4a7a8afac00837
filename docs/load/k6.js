// k6 against a gateway, on a fixed schedule (arrival rate), as `dancu load run` does it.
//
//   dancu descriptor --out dancu.binpb
//   dancu population export --limit 20000 --out people.csv
//   k6 run --env SERVER=127.0.0.1:50051 --env RATE=50 k6.js
//
// k6 counts latency from when a call is sent; calls that it cannot start in time are "dropped
// iterations": look at them, for their waiting is in no percentile.
import grpc from 'k6/net/grpc';
import { check } from 'k6';
import { SharedArray } from 'k6/data';
import { uuidv4 } from 'https://jslib.k6.io/k6-utils/1.4.0/index.js';

const people = new SharedArray('people', () =>
  open('./people.csv').trim().split('\n').slice(1).map((line) => {
    const [personal_id, , full_name, birth_date] = line.split(',');
    const [year, month = '0', day = '0'] = birth_date.split('-');
    const date = { year: Number(year), month: Number(month), day: Number(day) };
    return { personal_id, full_name, birth_date: date };
  }));

const client = new grpc.Client();
client.loadProtoset('./dancu.binpb');

export const options = {
  scenarios: {
    counters: {
      executor: 'constant-arrival-rate',
      rate: Number(__ENV.RATE || 50),
      timeUnit: '1s',
      duration: '30s',
      preAllocatedVUs: 50,
      maxVUs: 500,
    },
  },
  thresholds: { grpc_req_duration: ['p(99)<50'], checks: ['rate>0.99'] },
};

export default function () {
  if (__ITER === 0) client.connect(__ENV.SERVER || '127.0.0.1:50051', { plaintext: true });
  const claim = people[Math.floor(Math.random() * people.length)];
  const context = {
    request_id: uuidv4(),
    procedure_code: 'DEMO.VERIFY',
    unit_code: '000.00.00.G01',
    officer_id: 'DEMO-OFFICER',
  };
  const answer = client.invoke('dancu.v1.IdentityService/VerifyIdentity', { context, claim });
  check(answer, { 'status is OK': (it) => it.status === grpc.StatusOK });
}
