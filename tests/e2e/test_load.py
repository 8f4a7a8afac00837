"""``dancu load run`` against a gateway in a process of its own: result, report, exit code."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

from tests.e2e.server import DANCU, PATIENCE, dancu, dev

SCENARIO = """\
about = "Everything, a little of it"
fail_if = ["error_rate > 0"]

[load]
kind = "rate"
rate = 40
duration = 3
warm_up = 0.5

[client]
workers = 2
connections = 2

[[mix]]
rpc = "VerifyIdentity"
share = 5
[[mix]]
rpc = "LookupCitizen"
fields = ["name"]
[[mix]]
rpc = "ResolveIdentifier"
[[mix]]
rpc = "BatchVerifyIdentities"
records = 20
[[mix]]
rpc = "ReconcileCitizens"
records = 20

[outcomes]
known = 0.8
wrong_name = 0.1
unknown_number = 0.1

[spellings]
registered = 1
decomposed = 1
upper = 1
joined = 1

[[callers]]
units = 3
"""


def test_load_run(data_dir: Path, tmp_path: Path) -> None:
    """Every call is answered, the sampled signatures hold, and result and report are written."""
    scenario, out, report = (tmp_path / name for name in ("mine.toml", "r.json", "r.html"))
    scenario.write_text(SCENARIO, "utf-8")
    with dev(data_dir) as server:
        files = ["--out", str(out), "--report", str(report)]
        where = ["--server", server.running.grpc, "--data-dir", str(data_dir)]
        done = dancu("load", "run", str(scenario), *where, *files)
        assert done.returncode == 0, done.stderr
        missed = dancu(
            "load", "run", "steady", *where, "--rate", "20", "--duration", "1", "--warm-up", "0",
            "--fail-if", "p50_ms > 0.001", "--json",
        )  # fmt: skip
        assert server.terminate() == 0
    assert "PASSED mine: 40.0 calls/s offered" in done.stdout
    result = json.loads(out.read_text("utf-8"))
    counts, checked = result["counts"], result["checked"]
    assert (result["schema"], result["schema_version"]) == ("dancu.load.result", 1)
    assert counts["due"] == counts["answered"] == 120
    assert result["statuses"] == {"OK": 120}
    assert checked["failed"] == 0
    assert checked["verified"] >= 100
    assert set(checked["outcomes"]["known"]) <= {"VERIFIED", "MATCHED", "NOT_VERIFIED"}
    assert set(checked["outcomes"]["wrong_name"]) == {"NOT_VERIFIED"}
    assert result["client"]["connections"] == 4
    assert {call["call"] for call in result["calls"] if call["answered"]} == {
        "VerifyIdentity", "LookupCitizen", "ResolveIdentifier",
        "BatchVerifyIdentities ×20", "ReconcileCitizens ×20",
    }  # fmt: skip
    assert f"{result['metrics']['offered_rate']:,.0f}" in report.read_text("utf-8")
    assert missed.returncode == 1, missed.stderr
    assert json.loads(missed.stdout)["passed"] is False
    audit = dancu("ledger", "verify", "--data-dir", str(data_dir))
    assert audit.returncode == 0, audit.stderr


def test_ctrl_c(data_dir: Path) -> None:
    """It ends a load at once: without a result in the warm-up, with one that says so later."""
    with dev(data_dir) as server:
        where = ["--server", server.running.grpc, "--data-dir", str(data_dir)]
        early = interrupted("warming up", *where, "--warm-up", "600")
        later = interrupted("offered", *where, "--warm-up", "0", "--duration", "600")
        assert server.terminate() == 0
    assert early.returncode == 130
    assert early.stdout == ""
    assert early.stderr.splitlines()[-1] == "error: ended before anything was measured"
    assert later.returncode == 0, later.stderr
    assert later.stdout.startswith("PASSED steady")
    assert " s of 600 s" in later.stdout


def interrupted(said: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the steady scenario until it says something, and press Ctrl-C."""
    with subprocess.Popen(  # noqa: S603 - our own command
        [*DANCU, "load", "run", "steady", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        try:
            heard = next((line for line in process.stderr if line.startswith(said)), "")
            assert heard, f"never said {said}"
            process.send_signal(signal.SIGINT)
            shown, rest = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    return subprocess.CompletedProcess(process.args, process.returncode, shown, rest)


def test_credentials(data_dir: Path, tmp_path: Path) -> None:
    """Callers of a scenario bring their own tokens, and the statements are made out to them."""
    mix = 'kind = "rate"\nrate = 20\nduration = 1\nwarm_up = 0\n[[mix]]\nrpc = "VerifyIdentity"\n'
    callers = "".join(
        f'[[callers]]\ncredentials = "{data_dir}/callers/{name}.toml"\n'
        for name in ("plain", "explain")
    )
    scenario, out = tmp_path / "two.toml", tmp_path / "two.json"
    scenario.write_text(f"[load]\n{mix}{callers}", "utf-8")
    with dev(data_dir, "--auth", "token") as server:
        where = ["--server", server.running.grpc, "--data-dir", str(data_dir)]
        done = dancu("load", "run", str(scenario), *where, "--out", str(out))
        refused = dancu("load", "run", "steady", *where, "--duration", "1", "--warm-up", "0")
    assert done.returncode == 0, done.stderr
    result = json.loads(out.read_text("utf-8"))
    assert result["statuses"] == {"OK": 20}
    assert (result["checked"]["verified"], result["checked"]["failed"]) == (20, 0)
    assert result["target"]["tokens"] is True
    assert refused.returncode == 3
    assert "TOKEN_MISSING" in refused.stderr


def test_mutual_tls(data_dir: Path, tmp_path: Path) -> None:
    """Against ``dancu serve``: two agencies over TLS, each with its certificate, token and unit."""
    pki, names = tmp_path / "pki", ("H01", "H02")
    for arguments in (
        ("keys", "init-tls", "--out", str(pki)),
        ("callers", "demo", "--data-dir", str(data_dir), "--tls", str(pki)),
    ):
        assert dancu(*arguments).returncode == 0
    (tmp_path / "policy.toml").write_text(
        f'[[grant]]\ncallers = {json.dumps(names)}\nprocedures = ["*"]\nrpcs = ["VerifyIdentity"]\n'
    )
    config = tmp_path / "serve.toml"
    config.write_text(
        f'data_dir = "{data_dir}"\nport = 0\npolicy = "policy.toml"\n'
        'tls_certificate = "pki/server.pem"\ntls_key = "pki/server.key.pem"\n'
        'tls_client_ca = "pki/ca.pem"\n'
    )
    callers = "".join(
        f'[[callers]]\ncredentials = "pki/callers/{name}.toml"\nunit = "000.00.00.{name}"\n'
        f'officer = "CB-{name}-00.00-1"\n'
        for name in names
    )
    scenario, out = tmp_path / "tls.toml", tmp_path / "tls.json"
    scenario.write_text(
        '[load]\nkind = "rate"\nrate = 20\nduration = 1\nwarm_up = 0\n'
        f'[[mix]]\nrpc = "VerifyIdentity"\n{callers}'
    )
    with (
        (tmp_path / "serve.log").open("w") as log,
        subprocess.Popen(  # noqa: S603 - our own command
            [*DANCU, "serve", "--config", str(config)],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        ready = process.stdout.readline()
        where = ["--server", ready.split()[1].removeprefix("grpc="), "--data-dir", str(data_dir)]
        done = dancu("load", "run", str(scenario), *where, "--out", str(out))
        process.terminate()
        assert process.wait(PATIENCE) == 0
    assert done.returncode == 0, done.stderr + done.stdout
    result = json.loads(out.read_text("utf-8"))
    assert result["statuses"] == {"OK": 20}
    assert (result["checked"]["verified"], result["checked"]["failed"]) == (20, 0)
    assert result["target"]["tls"] is True
    assert "TLS, session tokens" in done.stdout
