"""One server of the configuration's ``metrics:`` or ``alertmanagers:``: where it is asked, and how."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from fleetui.model.monitoring import AuthConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where to ask, and how."""

    name: str
    url: str
    """No trailing slash."""
    auth: AuthConfig = field(repr=False)
    timeout_s: float
    proxy: str | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        """Host and port as an operator knows them."""
        return urlsplit(self.url).netloc

    @property
    def door(self) -> str:
        """What all that is asked of one server have in common."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def secure(self) -> bool:
        return self.url.startswith("https:")
