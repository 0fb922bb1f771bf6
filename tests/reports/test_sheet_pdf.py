"""A sheet as a PDF: the same content, letters that can be read and copied, and the same bytes every time."""

import subprocess
import sys
from io import BytesIO

import pytest
from pypdf import PdfReader

from arrisk.reports.credit_memo import describe_memo
from arrisk.reports.pdf_letters import list_unset
from arrisk.reports.sheet import Columns, Listing, Paragraph, Section, Sheet, Table
from arrisk.reports.sheet_pdf import render_pdf
from tests.decisions.cases import snapshot_of
from tests.syntax import ROOT

NAMES = ["Café Łódź Æther", "Жук и Ёж", "Ωμέγα", "Şirket Çağ", "Škoda Žižkov", "Nguyễn"]


def memo_of(*, name="Alder & Co <Ltd>", trail=(), **changes):
    snapshot = snapshot_of()
    snapshot["customer"]["name"] = name
    steps = [["2025-03-01 09:00", "ana", "open; asks for 40,000.00 EUR"], *trail]
    return describe_memo(
        snapshot | changes, case={"case": "test/C-0001"}, proposal="Recommended: 20,000 & no more.", trail=steps
    )


def read(written):
    reader = PdfReader(BytesIO(written))
    return reader, " ".join(" ".join(page.extract_text() for page in reader.pages).split())


@pytest.fixture(scope="module")
def written():
    return render_pdf(memo_of())


@pytest.mark.parametrize(
    "said",
    [
        "Recommended: 20,000 & no more.",
        "cap: capacity 90,000",
        "cap: group –",
        "character: says character",
        "reason 1 (usual: 0)",
        "asks for 40,000.00 EUR",
        "default-12m/test/1",
        "2 of 2 invoices late",
        "7,950 50",
        "Alder & Co <Ltd>",
        "page 1 of 1",
    ],
)
def test_a_memo_says_what_its_page_says(written, said):
    assert said in read(written)[1]


def test_a_usual_memo_is_one_sheet_of_a4_with_the_history_drawn(written):
    [page] = PdfReader(BytesIO(written)).pages
    assert (round(float(page.mediabox.width)), round(float(page.mediabox.height))) == (595, 842)
    [drawing] = page.images
    assert drawing.image.size[0] > 1000


def test_the_file_names_itself_and_no_date(written):
    reader = PdfReader(BytesIO(written))
    assert dict(reader.metadata) == {"/Title": "Credit memo test/C-0001: Alder & Co <Ltd>", "/Creator": "arrisk"}
    assert reader.root_object["/Lang"] == "en"
    assert b"Date" not in written


@pytest.mark.slow
def test_the_same_sheet_is_the_same_file_in_another_process_too(written):
    code = (
        "import sys; from tests.reports.test_sheet_pdf import memo_of; "
        "from arrisk.reports.sheet_pdf import render_pdf; sys.stdout.buffer.write(render_pdf(memo_of()))"
    )
    again = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT)
    assert again.stdout == written
    assert render_pdf(memo_of()) == written
    assert render_pdf(memo_of(name="Birch")) != written


def test_its_letters_are_in_the_file(written):
    fonts = PdfReader(BytesIO(written)).pages[0]["/Resources"]["/Font"]
    used = [font.get_object() for font in fonts.values()]
    assert {str(font["/BaseFont"]).split("+")[-1] for font in used} == {"DejaVuSans", "DejaVuSans-Bold"}
    assert all("/FontFile2" in font["/FontDescriptor"] for font in used)


@pytest.mark.parametrize("name", NAMES)
def test_latin_cyrillic_and_greek_names_are_shown_and_can_be_copied(name):
    assert list_unset([name]) == []
    reader, said = read(render_pdf(Sheet(name, [Paragraph(name)])))
    assert said.count(name) == 3
    assert reader.metadata.title == name
    assert "otherwise than written" not in said


def test_an_accent_written_apart_is_put_on_its_letter():
    assert "Café" in read(render_pdf(Sheet("x", [Paragraph("Cafe" + chr(0x301))])))[1]


def test_letters_that_cannot_be_shown_are_named():
    said = read(render_pdf(Sheet("x", [Paragraph("中国 and א")])))[1]
    assert "Letters that stand here otherwise than written: U+05D0, U+4E2D, U+56FD." in said


@pytest.mark.slow
def test_what_is_too_long_goes_on_over_numbered_pages():
    trail = [["2025-03-01 09:00", "ana", f"step {place}"] for place in range(200)]
    reader, said = read(render_pdf(memo_of(trail=trail)))
    count = len(reader.pages)
    assert count > 1
    assert all(f"page {page} of {count}" in said for page in range(1, count + 1))
    assert all(f"step {place} " in said for place in range(200))
    assert "step 3" in reader.pages[0].extract_text()


@pytest.mark.parametrize("lines", [56, 57])
def test_a_heading_is_not_left_alone_at_the_foot_of_a_page(lines):
    parts = [*[Paragraph("line")] * lines, Section("Group", [Table(["", "owed"], [["Alder", "1"]] * 30)])]
    pages = [page.extract_text() for page in PdfReader(BytesIO(render_pdf(Sheet("x", parts)))).pages]
    assert ["Alder" in page for page in pages] == ["Group" in page for page in pages] == [False, True]


def test_letters_shrink_a_little_before_a_second_page_is_begun():
    def pages_of(lines):
        return len(PdfReader(BytesIO(render_pdf(Sheet("x", [Paragraph("line")] * lines)))).pages)

    assert pages_of(65) == 1
    assert pages_of(90) == 2


@pytest.mark.slow
@pytest.mark.parametrize("note", ["word " * 2400, "w" * 10_000], ids=["words", "one word"])
def test_a_note_longer_than_a_page_is_printed_whole(note):
    written = render_pdf(memo_of(trail=[["2025-03-02 10:00", "ben", note]]))
    said = "".join(page.extract_text() for page in PdfReader(BytesIO(written)).pages)
    assert said.count("w") >= note.count("w")


def test_columns_higher_than_a_page_are_set_below_each_other():
    left, right = [Paragraph(f"left {place}.") for place in range(150)], [Paragraph("right")]
    said = read(render_pdf(Sheet("x", [Columns(left, right)])))[1]
    assert all(f"left {place}." in said for place in range(150))
    assert "right" in said


def test_a_section_without_content_has_no_heading():
    parts = [Section("Group", [Table(["", "owed"], [])]), Section("Basis", [Listing(["model: x"])])]
    said = read(render_pdf(Sheet("x", parts)))[1]
    assert "Group" not in said
    assert "Basis • model: x" in said
