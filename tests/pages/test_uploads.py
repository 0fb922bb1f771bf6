"""Files on pages: sent in a form, their columns put right and kept, added to a book, and what was wrong with them."""

import asyncio
import io
import re
import zipfile

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.pages.sent_files import SentFile
from arrisk.config import Settings
from arrisk.uses.mappings import list_kept
from arrisk.uses.work import Worker
from tests.databases import EACH_KIND, open_new
from tests.pages.test_ledger import cells_of
from tests.pages.visitors import HERE, read_text, send, visit
from tests.store.test_jobs import AT

EXPORT = (
    "Rechnung;Customer;Customer name;Invoice date;Due date;Gross;Paid on\n"
    "1;A;Alder <b>Ltd</b>;02.01.2024;01.02.2024;1.100,50;11.02.2024\n"
    "2;A;Alder <b>Ltd</b>;05.02.2024;31/31/24;200,00;\n"
    "3;B;Birch AG;10.02.2024;11.03.2024;50,00;01.03.2024\n"
)
PUT_RIGHT = {
    "mapping": "generic",
    "before": "generic",
    "date": "%d.%m.%Y",
    "decimal": ",.",
    "c.invoices.invoice_id": "Rechnung",
    "c.invoices.customer_id": "Customer",
    "c.invoices.issued_on": "Invoice date",
    "c.invoices.due_on": "Due date",
    "c.invoices.amount": "Gross",
    "c.customers.name": "Customer name",
}


def open_service(kind, folder):
    settings = Settings(home=folder / "home", max_upload_bytes=1 << 20, max_unpacked_bytes=8 << 20, max_bytes=65_536)
    return create_app(settings=settings, database=open_new(kind, folder))


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    made = open_service("sqlite", tmp_path_factory.mktemp("uploads"))
    yield made
    made.state.service.database.close()


@pytest.fixture(scope="module")
def otto(app):
    return visit(app, "otto", "operator")


@pytest.fixture
def file(otto):
    """Give the path of a file that was sent."""
    return upload(otto).headers["location"].split("?")[0]


def upload(browser, content=EXPORT, name="export.csv"):
    return browser.post("/uploads", files={"file": (name, content)}, headers=HERE, follow_redirects=False)


def count_files(browser):
    return len(browser.get("/v1/uploads").json()["items"])


def count_jobs(browser):
    return len(browser.get("/v1/jobs").json()["items"])


def chosen_of(page):
    """Read which column each select with a column of the file holds."""
    selects = re.findall(r'<select id="[^"]*" name="c\.([^"]+)">(.*?)</select>', page.text, re.DOTALL)
    found = {name: re.search(r"<option selected>([^<]*)", inner) for name, inner in selects}
    return {name: one[1] if one else "" for name, one in found.items()}


@pytest.mark.slow
@pytest.mark.parametrize("kind", EACH_KIND)
def test_a_file_is_sent_put_right_kept_and_added(kind, tmp_path):
    app = open_service(kind, tmp_path)
    otto, service = visit(app, "otto", "operator"), app.state.service
    worker = Worker(service.database, service.home, service.policy, lambda: AT, silent_seconds=3600)
    sent = upload(otto)
    assert sent.headers["location"] == "/uploads/1?done=file_sent", read_text(sent)
    page = otto.get("/uploads/1")
    chosen = chosen_of(page)
    assert (chosen["invoices.customer_id"], chosen["invoices.due_on"]) == ("Customer", "Due date")
    assert chosen["invoices.invoice_id"] == "", "nothing looks like it"
    assert "choose which column is the invoice id" in read_text(page)
    assert "What its first rows give" not in page.text
    page = otto.get("/uploads/1", params=PUT_RIGHT)
    assert page.status_code == 200, read_text(page)
    assert [row[4] for row in cells_of(page, "First rows of invoices")] == ["1100.50", "50.00"]
    assert "31/31/24" in read_text(page)
    assert "<b>Ltd" not in page.text
    added = send(otto, "/uploads/1/add", {**PUT_RIGHT, "new_ledger": "elm", "name": "month end", "key": "a1"})
    assert added.headers["location"] == "/jobs/1?done=job_asked", read_text(added)
    again = send(otto, "/uploads/1/add", {**PUT_RIGHT, "new_ledger": "elm", "name": "month end", "key": "a1"})
    assert again.headers["location"] == "/jobs/1?done=job_asked", "sent twice, done once"
    worker.drain()
    done = otto.get("/jobs/1")
    assert "1 problems" in read_text(done)
    wrong = otto.get("/v1/uploads/1/problems").json()["items"]
    rows = cells_of(otto.get("/uploads/1"), "Problems")
    assert [(row[0], row[1], row[3]) for row in rows] == [
        (one["table"], str(one["row"]), one["value"]) for one in wrong
    ]
    (kept,) = list_kept(app.state.service.database)
    assert (kept.reference, kept.version) == ("elm/month end", 1)
    upload(otto, EXPORT + "4;B;Birch AG;10.03.2024;11.04.2024;50,00;\n", "april.csv")
    april = otto.get("/uploads/2")
    assert "The columns have the names that this mapping knows" in read_text(april), "the kept mapping is found"
    assert chosen_of(april)["invoices.invoice_id"] == "Rechnung"
    assert "First rows of invoices" in april.text
    service.database.close()


def test_what_could_be_read_in_two_ways_is_asked(otto):
    sent = upload(otto, "invoice_no,customer,date,due_date,amount\n1,A,3/4/2024,5/6/2024,1.234\n")
    file = sent.headers["location"].split("?")[0]
    page = otto.get(file)
    assert "choose how days are written, how amounts are written" in read_text(page)
    assert "First rows" not in page.text
    said = {**dict.fromkeys(("mapping", "before"), "generic"), "date": "%m/%d/%Y", "decimal": ",."}
    columns = {f"c.{name}": column for name, column in chosen_of(page).items()}
    (row,) = cells_of(otto.get(file, params={**said, **columns}), "First rows of invoices")
    assert row[2:5] == ["2024-03-04", "2024-05-06", "1234"]


def test_columns_are_only_kept(app, otto, file):
    kept = send(otto, f"{file}/keep", {**PUT_RIGHT, "new_ledger": "elm", "name": "x"})
    assert kept.headers["location"] == f"{file}?mapping=elm%2Fx&done=mapping_kept", read_text(kept)
    assert otto.get(kept.headers["location"]).status_code == 200
    assert count_jobs(otto) == 0
    assert "keep mapping" in read_text(visit(app, "ada", "auditor").get("/audit?record=mappings"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "ibm"}, "cannot be a mapping"),
        ({"name": "a/b"}, "cannot be a mapping"),
        ({"new_ledger": "../x"}, "should match pattern"),
        ({"new_ledger": ""}, "should match pattern"),
        ({"c.invoices.amount": ""}, "no column is chosen for invoices.amount"),
        ({"c.invoices.amount": "<script>"}, "the source has no column"),
        ({"c.invoices.nothing": "Gross"}, "there is no field"),
        ({"decimal": "x"}, "Input should be"),
        ({"mapping": "elm/none", "before": "elm/none"}, "there is no mapping"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused_and_kept_on_the_page(otto, file, change, said):
    before = count_jobs(otto)
    form = {**PUT_RIGHT, "new_ledger": "elm", "name": "month", **change}
    refused = send(otto, f"{file}/add", form)
    assert refused.status_code in {404, 422}
    assert said.lower() in read_text(refused).lower()
    assert 'role="alert"' in refused.text
    assert "<script>" not in refused.text.split("<main")[1]
    assert count_jobs(otto) == before


def test_a_file_without_an_invoice_that_can_be_read_adds_nothing_and_says_what_to_try(app, otto):
    service = app.state.service
    header, first, *_ = EXPORT.splitlines(keepends=True)
    sent = upload(otto, header + first.replace("1.100,50", "abc") * 3)
    path = sent.headers["location"].split("?")[0]
    assert "None of these rows can be read as an invoice" in read_text(otto.get(path, params=PUT_RIGHT))
    added = send(otto, f"{path}/add", {**PUT_RIGHT, "new_ledger": "unread", "key": "unread"})
    Worker(service.database, service.home, service.policy, lambda: AT, silent_seconds=3600).drain()
    page = read_text(otto.get(added.headers["location"]))
    assert "None of 3 rows of invoices can be read" in page
    assert "amount 'abc': unreadable_amount" in page
    assert "unread" not in [one["name"] for one in otto.get("/v1/ledgers").json()]


def test_canonical_tables_need_no_mapping(otto):
    sent = upload(otto, "customer_id,name\nA,Alder\n", "customers.csv")
    file = sent.headers["location"].split("?")[0]
    page = otto.get(file)
    assert "What the columns mean" not in page.text
    assert cells_of(page, "First rows of customers") == [["A", "Alder"]]
    added = send(otto, f"{file}/add", {"new_ledger": "elm", "key": "k"})
    assert added.status_code == 303, read_text(added)


def bomb():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(9 << 20))
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "status", "said"),
    [
        (b"a" * (2 << 20), "x.csv", 413, "The file is too large"),
        (bomb(), "x.xlsx", 413, "unpacks to more"),
        (b"a", "x.exe", 422, "'.exe' files are not taken"),
        (b"a", "<b>.csv", 422, "cannot hold '<'"),
        (b"", "x.csv", 422, "The file is empty"),
    ],
)
def test_a_refused_file_is_one_problem_on_the_page(otto, content, name, status, said):
    before = count_files(otto)
    refused = upload(otto, content, name)
    assert refused.status_code == status
    assert said in read_text(refused)
    assert count_files(otto) == before


def test_a_file_larger_than_a_page_may_be_is_passed_on(otto):
    content = "customer_id,name\n" + "A,Alder\n" * 20_000
    assert len(content) > 65_536
    sent = upload(otto, content, "customers.csv")
    assert sent.status_code == 303
    file = sent.headers["location"].split("?")[0]
    assert otto.get(f"/v1{file}").json()["size_bytes"] == len(content)


FORM = "multipart/form-data; boundary=x"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", FORM),
        (b"file=x", "application/x-www-form-urlencoded"),
        (b'--x\r\nContent-Disposition: form-data; name="other"\r\n\r\n1\r\n--x--\r\n', FORM),
        (b"no parts at all", FORM),
        (b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\na,b', FORM),
    ],
)
def test_a_form_without_a_whole_file_is_refused(otto, body, kind):
    before = count_files(otto)
    refused = otto.post("/uploads", content=body, headers={**HERE, "content-type": kind})
    assert refused.status_code == 422, read_text(refused)
    assert 'role="alert"' in refused.text
    assert count_files(otto) == before


class Form:
    """A request with a form that comes in pieces."""

    def __init__(self, pieces):
        self.headers = {"content-type": "multipart/form-data; boundary=x"}
        self.taken = 0
        self._pieces = pieces

    async def stream(self):
        for piece in self._pieces:
            self.taken += 1
            yield piece


def test_no_more_is_read_of_a_form_than_was_asked_for():
    asyncio.run(read_in_pieces())


async def read_in_pieces():
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    form = Form([head + b"one", b"two", b"three\r\n--x--\r\n"])
    file = SentFile(form, "file")
    assert (await file.find_name(), form.taken) == ("a.csv", 1)
    pieces = file.read()
    assert (await anext(pieces), form.taken) == (b"one", 1)
    assert b"".join([piece async for piece in pieces]) == b"twothree"


def test_who_may_see_and_send_files(app, otto, file):
    auditor, clerk = visit(app, "aud", "auditor"), visit(app, "cleo", "collector")
    assert "Send a file" not in auditor.get("/uploads").text
    assert auditor.get(file).status_code == 200
    assert "Add it to the book" not in auditor.get(file, params=PUT_RIGHT).text
    assert upload(auditor).status_code == 403
    for path in (f"{file}/add", f"{file}/keep", "/uploads/sample"):
        assert send(auditor, path, {}).status_code == 403
    assert clerk.get("/uploads").status_code == clerk.get(file).status_code == 403
    assert otto.post("/uploads", files={"file": ("a.csv", "a")}).status_code == 403, "from another site"
    stranger = TestClient(app)
    assert stranger.get("/uploads", follow_redirects=False).headers["location"].startswith("/sign-in")
    assert upload(stranger).headers["location"] == "/sign-in"
    assert otto.get("/uploads/999").status_code == 404
    assert otto.get("/uploads/x").status_code == 422
