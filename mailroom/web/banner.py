"""Whether a page is one of a dry run: it then says so on top, the log-in page and refusals too."""

from contextvars import ContextVar

from starlette.types import ASGIApp, Receive, Scope, Send

_DRY_RUN: ContextVar[bool] = ContextVar("dry_run", default=False)


def is_dry_run() -> bool:
    """Whether this page is one of a dry run."""
    return _DRY_RUN.get()


class InDryRun:
    """ASGI middleware: whatever answers knows whether it is a dry run."""

    def __init__(self, app: ASGIApp, *, dry_run: bool) -> None:
        self._app, self._dry_run = app, dry_run

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say so to the templates."""
        _DRY_RUN.set(self._dry_run)
        await self._app(scope, receive, send)
