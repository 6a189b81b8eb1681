"""Who may talk to the page's server.

Bound to loopback, it serves only requests addressed to this machine, so that no other web page can reach it under a
name of its own. Bound wider, it asks for the token of its URL, which the browser then keeps as a cookie for what the
page loads.
"""

import hmac
import ipaddress
import secrets
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

REJECTED = "Not for you: open the address that drawbar view printed, with its token."
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server bound to `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def make_token() -> str:
    """A word that cannot be guessed."""
    return secrets.token_urlsafe(24)


def make_guard(token: str | None) -> Any:
    """The middleware that turns away who may not.

    Args:
        token: What a request must bring along, in its address or as a cookie; None to ask for a local address instead.
    """

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not _is_from_own_page(request) or not (_is_local(request) if token is None else _has_token(request, token)):
            raise web.HTTPForbidden(text=REJECTED)
        response = await handler(request)
        if token is not None and "token" in request.query and not response.prepared:
            response.set_cookie(_cookie(request), token, httponly=True, samesite="Strict")
        return response

    return guard


def _has_token(request: web.Request, token: str) -> bool:
    given = request.query.get("token") or request.cookies.get(_cookie(request), "")
    return hmac.compare_digest(given.encode(), token.encode())


def _is_local(request: web.Request) -> bool:
    return urlsplit(f"//{request.host}").hostname in LOCAL_NAMES


def _is_from_own_page(request: web.Request) -> bool:
    """Browsers say which page opens a socket."""
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def _cookie(request: web.Request) -> str:
    return f"drawbar-{urlsplit(f'//{request.host}').port or 80}"  # cookies know no ports
