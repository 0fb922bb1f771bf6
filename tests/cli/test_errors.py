"""What goes wrong at a user's desk: one clear message, exit 2, nothing left behind."""

import re
from datetime import date, timedelta

import pytest


def one_message(ran) -> str:
    """Give the only message of a refused command."""
    assert ran.code == 2, ran
    assert "Traceback" not in ran.err
    messages = re.findall(r"^error: ", ran.err, flags=re.MULTILINE)
    assert len(messages) == 1, ran.err
    return ran.err


def nothing_but(folder, *names) -> bool:
    return sorted(path.name for path in folder.iterdir()) == sorted(names)


def test_an_empty_file_is_refused(arrisk, tmp_path):
    (tmp_path / "empty.csv").write_text("")
    message = one_message(arrisk("convert", tmp_path / "empty.csv", "-m", "generic", "-o", tmp_path / "book"))
    assert "empty" in message
    assert nothing_but(tmp_path, "empty.csv")


def test_a_header_without_rows_is_refused(arrisk, tmp_path):
    (tmp_path / "header.csv").write_text("invoice_id,customer_id,issued_on,due_on,amount\n")
    message = one_message(arrisk("convert", tmp_path / "header.csv", "-m", "generic", "-o", tmp_path / "book"))
    assert "row" in message
    assert nothing_but(tmp_path, "header.csv")


def test_a_wrong_delimiter_is_named(arrisk, tmp_path):
    (tmp_path / "odd.csv").write_text("invoice_id#customer_id#issued_on#due_on#amount\n1#A#2024-01-01#2024-02-01#5\n")
    message = one_message(arrisk("convert", tmp_path / "odd.csv", "-m", "generic", "-o", tmp_path / "book"))
    assert "delimiter" in message
    assert nothing_but(tmp_path, "odd.csv")


def test_a_missing_column_is_named_with_what_there_is(arrisk, tmp_path):
    (tmp_path / "a.csv").write_text("invoice_id,customer_id,issued_on,amount\n1,A,2024-01-01,5\n")
    message = one_message(arrisk("convert", tmp_path / "a.csv", "-m", "generic", "-o", tmp_path / "book"))
    assert "due_on" in message
    assert nothing_but(tmp_path, "a.csv")


def test_a_book_without_a_required_column_is_refused(arrisk, book):
    (book / "invoices.csv").write_text("invoice_id,customer_id,issued_on,amuont\n1,A,2024-01-01,5\n")
    message = one_message(arrisk("check", book))
    assert "table invoices" in message
    assert "'amuont'" in message


def test_a_future_day_is_refused(arrisk, book):
    future = date.today() + timedelta(days=40)
    message = one_message(arrisk("aging", book, "--as-of", future))
    assert str(future) in message
    assert "future" in message


def test_a_day_that_is_none_is_refused(arrisk, book):
    assert "YYYY-MM-DD" in one_message(arrisk("aging", book, "--as-of", "31.12.2023"))


def test_adding_across_currencies_without_a_rate_names_the_pair(arrisk, export, tmp_path):
    text = export.read_text().replace("settled_on\n", "settled_on,currency\n").replace("\n2,", "\n2,")
    lines = text.splitlines()
    foreign = [lines[0], *(line + (",CAD" if line.startswith("2,") else ",USD") for line in lines[1:])]
    export.write_text("\n".join(foreign) + "\n")
    assert arrisk("convert", export, "-m", "generic", "-o", tmp_path / "two").code == 0
    message = one_message(arrisk("aging", tmp_path / "two", "--as-of", "2024-04-01", "--json", tmp_path / "a.json"))
    assert "CAD" in message
    assert "USD" in message
    assert "CAD alone" in message
    assert not (tmp_path / "a.json").exists()
    assert arrisk("aging", tmp_path / "two", "--as-of", "2024-04-01", "--currency", "CAD").code == 0


def test_an_unknown_mapping_is_answered_with_the_nearest(arrisk, export, tmp_path):
    message = one_message(arrisk("convert", export, "-m", "generc", "-o", tmp_path / "book"))
    assert "generic" in message
    assert nothing_but(tmp_path, "export.csv")


def test_an_unwritable_output_is_named(arrisk, export, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    message = one_message(arrisk("convert", export, "-m", "generic", "-o", tmp_path / "file" / "book"))
    assert "file" in message
    assert nothing_but(tmp_path, "export.csv", "file")


def test_an_output_whose_folder_is_missing_is_named(arrisk, book, tmp_path):
    missing = tmp_path / "nowhere" / "a.json"
    message = one_message(arrisk("aging", book, "--as-of", "2024-04-01", "--json", missing))
    assert "nowhere" in message
    assert not missing.parent.exists()


def test_a_full_disk_leaves_nothing_behind(arrisk, book, tmp_path):
    # A real device that is always full.
    message = one_message(arrisk("aging", book, "--as-of", "2024-04-01", "--json", "/dev/full"))
    assert "disk" in message or "space" in message


def test_a_folder_that_is_no_book_is_refused(arrisk, tmp_path):
    assert "no table" in one_message(arrisk("check", tmp_path))


def test_an_existing_book_is_not_overwritten_unasked(arrisk, export, book):
    before = (book / "invoices.csv").read_bytes()
    assert "book" in one_message(arrisk("convert", export, "-m", "generic", "-o", book))
    assert (book / "invoices.csv").read_bytes() == before


def test_unknown_arguments_exit_with_2(arrisk):
    assert arrisk("aging", "--nonsense").code == 2
    assert arrisk("nonsense").code == 2


COMMANDS = ["convert", "check", "aging", "kpis", "reconcile", "features", "backtest", "train", "score", "worklist"]


@pytest.mark.parametrize("command", [*COMMANDS, "simulate", "demo", "serve"])
def test_every_command_has_help_with_an_example(arrisk, command):
    words = [command, "payment"] if command == "backtest" else [command]
    ran = arrisk(*words, "--help")
    assert ran.code == 0
    assert f"arrisk {' '.join(words)}" in ran.out
