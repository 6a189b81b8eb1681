"""`drawbar view --web`: serves the page of a playback, drawn here, until interrupted."""

import asyncio
import importlib
import logging
import os
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from dem.errors import ConfigError, ResultsError
from dem.io import RunReader
from dem.viz.live import wait_for_first_frames
from dem.viz.offscreen import prepare_offscreen
from dem.viz.playback import Playback

NO_TRAME = "the browser view needs trame, which is not installed; pip install 'drawbar[web]'."
BOX = (960, 540)
"""Size of a picture before a browser says its own [pixels]."""

MOST_PORT = 65535


def view_in_browser(
    paths: Sequence[str | Path],
    *,
    announce: Callable[[str], None],
    host: str = "127.0.0.1",
    port: int = 0,
    clock: str = "time",
    is_live: bool = False,
    series: str | None = None,
    **look: Any,
) -> None:
    """Serve the page and return when interrupted.

    Args:
        paths: Of `run.vtkhdf` files, from left to right.
        announce: Takes the address of the page, once it is served.
        host: To bind to; any but a loopback address asks for a token.
        port: To bind to; 0 takes a free one.
        clock: One of `dem.viz.playhead.CLOCKS`.
        is_live: Whether to stay at the newest frame of runs that grow.
        series: Name of the time series shown first; by default three.
        **look: Of each `RunScene`: `color_by`, `chains`, `field`.

    Raises:
        ResultsError: A run cannot be read, or this machine cannot draw or serve.
    """
    if not 0 <= port <= MOST_PORT:
        raise ConfigError(f"port is {port}, must be from 0 (any free one) to {MOST_PORT}; change --port.")
    try:
        importlib.import_module("trame.app")
    except ImportError as error:
        raise ResultsError(NO_TRAME) from error
    if is_live:
        wait_for_first_frames(paths)
    playback = open_playback(paths, clock=clock, is_live=is_live, **look)
    asyncio.run(_serve(playback, is_live, host, port, announce, series))


def open_playback(paths: Sequence[str | Path], *, clock: str, is_live: bool, **look: Any) -> Playback:
    """Scenes of runs, each in a picture of its own, in step."""
    prepare_offscreen()
    pyvista = importlib.import_module("pyvista")
    scene = importlib.import_module("dem.viz.scene")
    scenes = []
    for path in paths:
        plotter = pyvista.Plotter(off_screen=True, window_size=BOX)
        scenes.append(scene.RunScene(RunReader(path), plotter, texts=False, **look))
    return Playback(scenes, clock=clock, is_live=is_live)


async def _serve(
    playback: Playback, is_live: bool, host: str, port: int, announce: Callable[[str], None], series: str | None
) -> None:
    from trame.app import get_server

    from dem.viz.web import guard, page
    from dem.viz.web.session import Session

    _keep_quiet()
    server = get_server("drawbar")
    session = Session(server.state, playback, can_grow=is_live, series=series)
    page.build(server, session)
    token = None if guard.is_loopback(host) else guard.make_token()
    server.controller.on_server_bind.add(lambda bound: bound.app.middlewares.append(guard.make_guard(token)))
    server.controller.on_server_ready.add(lambda **_: announce(_address(host, server.port, token)))
    try:
        await asyncio.gather(_listen(server, host, port), session.run())
    except OSError as error:
        raise ResultsError(
            f"cannot serve on {host}:{port} ({error.strerror}); choose another --host or --port."
        ) from error


def _listen(server: Any, host: str, port: int) -> Any:
    how: dict[str, Any] = {"open_browser": False, "show_connection_info": False, "timeout": 0}
    return server.start(host=host, port=port, exec_mode="coroutine", backend="aiohttp", **how)


def _keep_quiet() -> None:
    """What we print is ours, and so are the words of the command line, which trame would read too."""
    os.environ["WSLINK_READY_MSG"] = ""
    os.environ["TRAME_ARGS"] = "--server"
    for name in ("aiohttp", "wslink", "trame"):
        logging.getLogger(name).setLevel(logging.ERROR)


def _address(host: str, port: int, token: str | None) -> str:
    name = socket.gethostname() if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}/" + (f"?token={token}" if token else "")
