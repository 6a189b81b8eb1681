"""The page in a real browser: what hands do moves the pictures, and nothing leaves the machine."""

import functools
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from synthetic import SMALL, open_writer, packing, write_frame, write_run

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install 'drawbar[dev]'")
pytest.importorskip("trame.app", reason="trame is not installed: pip install 'drawbar[web]'")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ROOT = Path(__file__).parents[2]
PATIENCE = 120_000
"""Milliseconds for a step on a machine that has much else to do."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("drawing"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here (Debian: apt-get install chromium)"),
]


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def serve(*words):
    """A running `drawbar view --web` and the address that it printed."""
    server = start(*words)
    return server, address_of(server)


def start(*words) -> subprocess.Popen:
    command = [sys.executable, "-m", "dem.cli", "view", "--web", "--port", "0", *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def address_of(server: subprocess.Popen) -> str:
    return server.stdout.readline().strip()


def stop(server) -> None:
    server.terminate()
    server.wait()


@pytest.fixture(scope="module")
def two_runs(small_run, tmp_path_factory):
    """Two runs, the second twice as long, in step."""
    longer = tmp_path_factory.mktemp("longer") / "run.vtkhdf"
    write_run(longer, type(SMALL)(**{**vars(SMALL), "frame_count": 7}))
    server, address = serve(small_run, longer)
    yield address
    stop(server)


@pytest.fixture
def page(browser, two_runs):
    page = browser.new_page(viewport={"width": 900, "height": 760})
    page.set_default_timeout(PATIENCE)
    page.requested = []
    page.on("request", lambda request: page.requested.append(request.url))
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(two_runs)
    page.wait_for_function("document.querySelectorAll('.picture img[src^=data]').length === 2")
    page.keyboard.press("Home")
    wait_for_frame(page, 1)
    yield page
    assert page.errors == []
    page.close()


def wait_for_frame(page, number: int) -> None:
    page.wait_for_function(f"document.querySelector('.count').innerText.startsWith('{number} /')")


def pictures(page) -> list[str]:
    return page.eval_on_selector_all(".picture img", "images => images.map(image => image.src)")


def moments(page) -> list[str]:
    return page.locator(".moment").all_inner_texts()


def wait_for_change(page, before: list[str]) -> None:
    page.wait_for_function("before => document.querySelector('.picture img').src !== before", arg=before[0])


def test_slider_and_keys_move_both_runs_in_step(page):
    before = pictures(page)
    page.locator(".scrub").fill("2")
    wait_for_change(page, before)
    wait_for_frame(page, 3)
    assert moments(page) == ["1.00 s", "1.00 s"]
    page.keyboard.press("ArrowRight")
    wait_for_frame(page, 4)
    page.keyboard.press("End")
    wait_for_frame(page, 7)
    page.wait_for_function("document.querySelectorAll('.moment')[1].innerText === '3.00 s'")
    assert moments(page) == ["1.50 s", "3.00 s"]  # the shorter stays at its end


def test_play_goes_on_by_itself_and_the_cursor_with_it(page):
    assert cursor(page) == 0
    page.keyboard.press(" ")
    wait_for_frame(page, 7)
    assert cursor(page) == 100


def cursor(page) -> float:
    """Per cent of the way over the charts."""
    return float(page.locator(".cursor").first.evaluate("cursor => parseFloat(cursor.style.left)"))


@pytest.mark.parametrize("change", ["colour", "cut", "follow", "drag", "wheel"])
def test_what_changes_the_picture(page, change):
    box = page.locator(".picture").first.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    actions = {
        "colour": lambda: page.get_by_label("colour").last.select_option("height"),
        "cut": lambda: page.get_by_label("cut").click(),
        "follow": lambda: page.get_by_label("follow wheel").click(),
        "drag": lambda: drag(page, *middle),
        "wheel": lambda: (page.mouse.move(*middle), page.mouse.wheel(0, -300)),
    }
    before = pictures(page)
    actions[change]()
    wait_for_change(page, before)


def drag(page, x: float, y: float) -> None:
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 90, y - 20, steps=3)
    page.mouse.up()


def test_curves_are_chosen_and_clicked(page):
    page.locator(".chooser summary").click()
    page.get_by_label("wheel load").click()
    page.wait_for_function("document.querySelectorAll('.chart').length === 4")
    plot = page.locator(".plot").last
    plot.click(position={"x": 0.51 * plot.bounding_box()["width"], "y": 10})
    wait_for_frame(page, 4)
    page.get_by_label("wheel load").click()
    page.wait_for_function("document.querySelectorAll('.chart').length === 3")


def test_live_page_waits_follows_and_lets_go(browser, tmp_path):
    server = start("--live", tmp_path / "run.vtkhdf")
    rest = packing(SMALL)
    try:
        with open_writer(tmp_path / "run.vtkhdf", SMALL, rest) as writer:
            write_frame(writer, rest, 0)
            page = browser.new_page()
            page.set_default_timeout(PATIENCE)
            page.goto(address_of(server))
            page.wait_for_selector(".picture img[src^=data]")
            wait_for_frame(page, 1)
            assert page.get_by_label("live").is_checked()
            write_frame(writer, rest, 1)
            write_frame(writer, rest, 2)
            wait_for_frame(page, 3)
            page.keyboard.press("ArrowLeft")
            wait_for_frame(page, 2)
            write_frame(writer, rest, 3)
            page.wait_for_function("document.querySelector('.count').innerText === '2 / 4'")
            assert not page.get_by_label("live").is_checked()
            page.get_by_label("live").click()
            wait_for_frame(page, 4)
            page.close()
    finally:
        stop(server)


def test_no_request_leaves_the_machine(page, two_runs):
    foreign = [url for url in page.requested if not url.startswith((two_runs, "data:"))]
    assert page.requested
    assert foreign == []


def test_a_narrow_window_has_no_sideways_scroll(browser, two_runs):
    page = browser.new_page(viewport={"width": 360, "height": 700})
    page.set_default_timeout(PATIENCE)
    page.goto(two_runs)
    page.wait_for_selector(".chart")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


def ask(address: str, headers: dict | None = None) -> int:
    try:
        return urllib.request.urlopen(urllib.request.Request(address, headers=headers or {}), timeout=100).status
    except urllib.error.HTTPError as error:
        return error.code


def test_bound_wider_it_asks_for_its_token(browser, small_run):
    server, address = serve(small_run, "--host", "0.0.0.0")
    try:
        port = address.rpartition(":")[2].partition("/")[0]
        local, token = f"http://127.0.0.1:{port}", address.partition("?token=")[2]
        assert len(token) >= 24
        assert ask(f"{local}/index.html") == ask(f"{local}/ws") == ask(f"{local}/index.html?token=guess") == 403
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{local}/?token={token}")  # the cookie then lets the socket in
        page.wait_for_selector(".picture img[src^=data]")
        page.close()
    finally:
        stop(server)


def test_on_loopback_other_names_and_pages_are_turned_away(two_runs):
    get = functools.partial(ask, f"{two_runs}index.html")
    assert get() == 200
    assert get({"Host": "elsewhere.example"}) == 403
    assert get({"Origin": "http://elsewhere.example"}) == 403
