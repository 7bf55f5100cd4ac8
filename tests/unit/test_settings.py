"""A setting that is missing or wrong ends the process with one line that says which, and exit 2."""
import pytest

from chassis import settings


@pytest.mark.parametrize(("name", "value"), [
    ("MAHALLE_PORT", "abc"), ("MAHALLE_PORT", "0"), ("MAHALLE_PORT", "99999"), ("MAHALLE_WORKERS", "0"),
    ("MAHALLE_WORKERS", "many"), ("MAHALLE_GRACE", "-1"), ("MAHALLE_LOG", "loud"), ("MAHALLE_BROKER", "host:port/vhost")])
def test_a_wrong_setting_is_one_line_and_exit_2(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        settings.read("gateway")
    told = capsys.readouterr().err
    assert ended.value.code == 2
    assert told.count("\n") == 1 and told.startswith("setting: ") and ".." not in told
    assert name in told or value in told


@pytest.mark.parametrize("bind", ["nonsense", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", ":70000"])
def test_an_address_that_is_none_is_one_line_and_exit_2(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], bind: str) -> None:
    monkeypatch.setenv("MAHALLE_BIND", bind)
    with pytest.raises(SystemExit) as ended:
        settings.read("issues")
    assert ended.value.code == 2 and bind in capsys.readouterr().err


def test_a_forgotten_secret_is_one_line_and_exit_2(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("MAHALLE_INTERNAL_SECRET", raising=False)
    with pytest.raises(SystemExit) as ended:
        settings.required("MAHALLE_INTERNAL_SECRET")
    assert (ended.value.code, capsys.readouterr().err) == (
        2, "setting: MAHALLE_INTERNAL_SECRET is not set. See docs/settings.md.\n")


def test_each_process_listens_where_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MAHALLE_BIND", "MAHALLE_HOST", "MAHALLE_PORT"):
        monkeypatch.delenv(name, raising=False)
    assert settings.read("issues").address == ("127.0.0.1", 8082)
    monkeypatch.setenv("MAHALLE_BIND", "0.0.0.0:9000")
    assert settings.read("issues").address == ("0.0.0.0", 9000)
    assert settings.read("gateway").address == ("127.0.0.1", 8080)
    assert (settings.read("gateway").inside, settings.read("issues").inside) == ("0.0.0.0:9000", "")
    monkeypatch.delenv("MAHALLE_BIND")
    assert settings.read("gateway").inside == "127.0.0.1:8086"
    monkeypatch.setenv("MAHALLE_PORT", "9001")
    assert settings.read("gateway").address == ("127.0.0.1", 9001)


def test_a_password_is_the_given_one_or_follows_from_the_secret() -> None:
    given = settings.Broker("h", 1, "v", secret="s", password="p")
    derived = settings.Broker("h", 1, "v", secret="s", password="")
    assert given.password_of("issues") == given.password_of("booklet") == "p"
    assert derived.password_of("issues") != derived.password_of("booklet")
    assert len(derived.password_of("issues")) == 40
