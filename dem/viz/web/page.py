"""The page: pictures, transport, options, charts. Its looks are in `page.css`, what hands do in `page.js`."""

from pathlib import Path
from typing import Any

from trame.ui.html import DivLayout
from trame.widgets import html

from dem.viz.web.session import SWITCHES, Session

CONTROLS = {"frame": "take_frame", "speed": "take_speed", "is_live": "take_live", "coloring": "take_coloring",
            "field": "take_field"}  # fmt: skip
"""State that controls set -> what takes it."""

ICONS = {
    "first": "M5 4h2v12H5zM16 4v12L8 10z",
    "back": "M14 4v12L6 10z",
    "play": "M5 3l12 7-12 7z",
    "pause": "M5 4h4v12H5zM11 4h4v12h-4z",
    "on": "M6 4l8 6-8 6z",
    "last": "M13 4h2v12h-2zM4 4l8 6-8 6z",
    "camera": "M3 7V3h4v2H5v2zM13 3h4v4h-2V5h-2zM3 13h2v2h2v2H3zM15 13h2v4h-4v-2h2z",
}
FILES = "drawbar_page"


def build(server: Any, session: Session) -> None:
    """Lay the page out and tie its controls to the session."""
    folder = Path(__file__).parent / "static"
    server.enable_module(
        {"serve": {FILES: str(folder)}, "scripts": [f"{FILES}/page.js"], "styles": [f"{FILES}/page.css"]}
    )
    _connect(server, session)
    server.state.trame__title = "drawbar"
    with DivLayout(server) as layout:
        layout.root.classes = "page"
        _add_header()
        _add_pictures(len(server.state.runs))
        _add_transport()
        _add_options()
        _add_charts()


def _connect(server: Any, session: Session) -> None:
    state = server.state
    for name, action in CONTROLS.items():
        state.change(name)(lambda name=name, action=action, **values: getattr(session, action)(values[name]))
    state.change("chosen")(lambda **_: session.choose_series())
    for name in SWITCHES:
        state.change(name)(lambda name=name, **values: session.switch(name, values[name]))
    for name in ("toggle_play", "step", "seek", "go_faster", "reset_camera", "move_camera", "resize", "acknowledge"):
        server.controller.trigger(name)(getattr(session, name))


def _add_header() -> None:
    with html.Header(classes="bar"):
        html.Span("drawbar", classes="mark")
        html.H1("{{ runs.length > 1 ? runs.length + ' runs in step' : runs[0].title }}")
        html.Span("{{ runs.length > 1 ? '' : runs[0].gravity + ' · ' + runs[0].grains }}", classes="soft")
        html.Span("{{ runs[0].status }}", v_if="can_grow && runs.length === 1", classes="status")
        with html.Label(v_if="can_grow", classes="switch live", title="stay at the newest frame"):
            html.Input(type="checkbox", v_model=("is_live",))
            html.Span("live")
    html.P("{{ message }}", v_if="message", classes="message", role="alert")


def _add_pictures(count: int) -> None:
    with html.Main(classes="pictures"):
        for place in range(count):
            with html.Figure(classes="picture", raw_attrs=[f'data-place="{place}"']):
                html.Img(
                    src=(f"picture_{place}",),
                    v_show=f"picture_{place}",
                    load="trigger('acknowledge')",
                    draggable="false",
                    alt="grains and wheel",
                )
                with html.Figcaption(v_if="runs.length > 1"):
                    html.I(style=(f"{{background: runs[{place}].color}}",))
                    html.B(f"{{{{ runs[{place}].title }}}}", title=(f"runs[{place}].folder",))
                    html.Span(f"{{{{ runs[{place}].gravity }}}}")
                html.Span(f"{{{{ moments[{place}] }}}}", classes="moment")


def _add_transport() -> None:
    with html.Section(classes="bar transport"):
        _add_button("first", "first frame", "trigger('seek', [0])")
        _add_button("back", "back one frame (left)", "trigger('step', [-1])")
        with html.Button(
            classes="play", click="trigger('toggle_play')", title="play or pause (space)", aria_label="play"
        ):
            html.Span(v_html=(f"is_playing ? '{_icon('pause')}' : '{_icon('play')}'",))
        _add_button("on", "on one frame (right)", "trigger('step', [1])")
        _add_button("last", "last frame", "trigger('seek', [1])")
        html.Input(
            type="range", classes="scrub", min=0, max=("last",), v_model_number=("frame",), aria_label="frame", step=1
        )
        html.Span("{{ frame + 1 }} / {{ last + 1 }}", classes="count")
        with html.Select(v_model_number=("speed",), title="pace over real time (up, down)", aria_label="pace"):
            html.Option("{{ pace }}×", v_for="pace in speeds", key="pace", value=("pace",))


def _add_options() -> None:
    with html.Section(classes="bar options"):
        with html.Label(classes="choice"):
            html.Span("colour")
            with html.Select(v_model=("coloring",), aria_label="colour"):
                html.Option("{{ name }}", v_for="name in colorings", key="name", value=("name",))
        with html.Div(classes="scale", v_if="scale", title=("scale.title",)):
            html.Div(classes="gradient", style=("{background: scale.gradient}",))
            html.Span("{{ tick.text }}", v_for="tick in scale.ticks", key="tick.text", style=("{left: tick.left}",))
            html.Em("{{ scale.title }}")
        with html.Label(classes="choice"):
            html.Span("stress")
            with html.Select(v_model=("field",), aria_label="stress"):
                html.Option("{{ name || 'none' }}", v_for="name in fields", key="name", value=("name",))
        switches = {"is_cut": "cut", "is_following": "follow wheel", "has_trail": "trail", "has_chains": "force chains"}
        for name, text in switches.items():
            with html.Label(classes="switch"):
                html.Input(type="checkbox", v_model=(name,))
                html.Span(text)
        _add_button("camera", "everything in view (double click)", "trigger('reset_camera')")


def _add_charts() -> None:
    with html.Section(classes="charts"):
        with html.Details(classes="chooser"):
            html.Summary("curves")
            with html.Label(v_for="quantity in quantities", key="quantity.name"):
                html.Input(type="checkbox", v_model=("chosen",), value=("quantity.name",))
                html.Span("{{ quantity.label }}")
        with html.Div(v_for="chart in charts", key="chart.name", classes="chart"):
            with html.Div(classes="reading"):
                html.Span("{{ chart.label }}")
                html.B(
                    "{{ value.text }}",
                    v_for="(value, place) in readings[chart.name]",
                    key="place",
                    style=("runs.length > 1 ? {color: value.color} : {}",),
                )
            with html.Div(classes="plot"):
                html.Div(v_html=("chart.svg",), classes="drawing")
                html.Small("{{ tick.text }}", v_for="tick in chart.ticks", key="tick.top", style=("{top: tick.top}",))
                html.Div(classes="cursor", style=("{left: cursor}",))
        with html.Div(classes="axis", v_if="charts.length"):
            html.Span("0")
            html.Span("{{ axis_end }}")


def _add_button(icon: str, title: str, action: str) -> None:
    with html.Button(click=action, title=title, aria_label=title):
        html.Span(v_html=(f"'{_icon(icon)}'",))


def _icon(name: str) -> str:
    return f"<svg viewBox=&quot;0 0 20 20&quot;><path d=&quot;{ICONS[name]}&quot;/></svg>"
