"""The page: whole in one file, honest about what is missing, and the verb that writes it."""

import json
import re
import shutil
from html.parser import HTMLParser

import pytest
from PIL import Image
from synthetic_study import Made, write_study

from dem.cli import main
from dem.study.report import make_report, write_report


@pytest.fixture(scope="module")
def page(half_study):
    case = half_study / "bed.seed=1,gravity.slope_deg=0.0,similitude=prototype"
    Image.new("RGB", (1600, 900), "tan").save(case / "picture.png")
    (case / "film.mp4").write_bytes(b"film")
    return write_report(half_study).read_text()


class Tags(HTMLParser):
    """Tags that are open, ids and sources."""

    def __init__(self) -> None:
        super().__init__()
        self.open, self.ids, self.outside = [], [], []

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.ids += [found["id"]] if "id" in found else []
        self.outside += [found[key] for key in ("src", "href") if re.match("https?:|//", found.get(key) or "")]
        if tag not in ("meta", "img", "br", "link"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_page_is_whole_and_asks_nothing_of_the_network(page):
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert tags.outside == []
    assert len(tags.ids) == len(set(tags.ids))
    assert "<script" not in page
    assert "@import" not in page


def test_page_says_what_was_asked_what_was_found_and_what_is_missing(page):
    assert "How much less does it slip there than on the Moon?" in page
    assert "slip points" in page
    for said in (
        "2 grains left the bed at 1.3 s; widen bed.length",
        "ran past --timeout",
        "not begun",
        "no steady window",
    ):
        assert said in page
    assert "largest overlap over grain radius" in page
    assert page.count('class="badge not-credible"') >= 3


def test_pictures_lie_inside_and_films_are_linked(page):
    assert "data:image/jpeg;base64," in page
    assert 'href="bed.seed=1,gravity.slope_deg=0.0,similitude=prototype/film.mp4"' in page
    assert all("alt=" in tag for tag in re.findall("<img[^>]*>", page))


def test_figures_and_finding_lie_beside_the_page(half_study, page):
    for name in ("overview", "slip_ratio", "sinkage"):
        assert (half_study / "figures" / f"{name}.png").stat().st_size > 1000
        assert "<svg" in (half_study / "figures" / f"{name}.svg").read_text()
    found = json.loads((half_study / "finding.json").read_text())
    assert found["cases"] == {"done": 37, "total": 45}


def test_a_study_of_which_nothing_is_done_has_a_page(tmp_path):
    cases = [Made({"gravity.slope_deg": slope}, status="missing") for slope in (0.0, 5.0)]
    page = write_report(write_study(tmp_path, cases, {"x": "gravity.slope_deg", "finding": "gravity_offset"}))
    assert "No answer yet" in page.read_text()


def test_a_question_cannot_write_into_the_page(tmp_path):
    cases = [Made({"gravity.slope_deg": 5.0}, {"slip_ratio": 0.2}, status="failed", message="<b>lost</b>")]
    page = write_report(write_study(tmp_path, cases, {"question": "<script>"})).read_text()
    assert "<script>" not in page
    assert "&lt;b&gt;lost" in page


def test_studies_are_compared_on_one_figure_and_in_a_table(whole_study, half_study, tmp_path):
    folder = tmp_path / "study"
    shutil.copytree(whole_study, folder)
    page = make_report(folder, against=half_study, readings=["slip_ratio"]).page.read_text()
    assert "Beside gravity offset" in page
    assert "beyond two standard errors" in page
    assert "gravity_offset: Moon" in (folder / "figures" / "slip_ratio.svg").read_text()


def test_verb_writes_the_page_of_a_foreign_folder(tmp_path, capsys):
    cases = [Made({"scenario.slip": slip}, {"drawbar_pull": 100 * slip, "sinkage": 0.01}) for slip in (0.0, 0.2, 0.4)]
    folder = write_study(tmp_path / "old", cases, None)
    assert main(["report", str(folder), "--reading", "sinkage"]) == 0
    assert "report.html" in capsys.readouterr().out
    assert (folder / "figures" / "sinkage.svg").exists()
    assert not (folder / "figures" / "overview.svg").exists()


def test_verb_rejects_in_one_sentence(tmp_path, capsys):
    assert main(["report", str(tmp_path / "nowhere")]) == 2
    assert "no such folder" in capsys.readouterr().err
