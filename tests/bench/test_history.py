"""``python -m bench.history`` says what it is about before it does it."""

from __future__ import annotations

import pytest

from bench import history


@pytest.mark.parametrize(("word", "code"), [("--help", 0), ("--years=3", 2)])
def test_help_and_a_wrong_word_begin_nothing(
    word: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def begun(*_words: object, **_named: object) -> None:
        raise AssertionError("it began")

    for step in ("_lay", "_run"):
        monkeypatch.setattr(history, step, begun)
    with pytest.raises(SystemExit) as ended:
        history.main([word])
    assert ended.value.code == code
    printed = capsys.readouterr()
    assert "python -m bench.history" in printed.out + printed.err
