"""A tiny builder for HTML and SVG: everything is escaped unless the builder made it.

Text in a case is written by people, suppliers included; a name such as ``<script>`` stays a name.
"""

from __future__ import annotations

from collections.abc import Iterable

_VOID = {"meta", "br", "hr", "link", "col"}
_SELF_CLOSING = {"rect", "circle", "line", "path", "polyline", "polygon", "use"}


class Markup(str):
    """Text that is already HTML."""

    __slots__ = ()


Content = str | Markup | None | Iterable["Content"]


def escape(text: str) -> Markup:
    """Return text that is safe inside an element and inside a quoted attribute."""
    if isinstance(text, Markup):
        return text
    return Markup(
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&quot;")
        .replace("'", "&#39;")
    )


def join(*content: Content) -> Markup:
    """Return content as one piece; None is nothing."""
    parts: list[str] = []
    for item in content:
        if item is None:
            continue
        if isinstance(item, str):
            parts.append(escape(item))
        else:
            parts.append(join(*item))
    return Markup("".join(parts))


def tag(element: str, /, *content: Content, **attributes: str | float | bool | None) -> Markup:
    """Return an element.

    ``class_`` and ``for_`` lose their underscore, other underscores become hyphens. Attributes that
    are None or False are left out; numbers are written with at most two decimals.

    Examples
    --------
    >>> tag("p", "a < b", class_="lead")
    '<p class="lead">a &lt; b</p>'
    """
    written = "".join(
        f' {_name(key)}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if element in _VOID:
        return Markup(f"<{element}{written}>")
    if element in _SELF_CLOSING and not content:
        return Markup(f"<{element}{written}/>")
    return Markup(f"<{element}{written}>{join(*content)}</{element}>")


def number(value: float) -> str:
    """Return a coordinate: at most two decimals, no trailing zeros, no negative zero.

    Examples
    --------
    >>> number(3.0), number(-0.001), number(2.346)
    ('3', '0', '2.35')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _name(key: str) -> str:
    return key if key == "viewBox" else key.rstrip("_").replace("_", "-")


def _value(value: str | float | bool) -> str:
    if value is True:
        return ""
    return escape(value) if isinstance(value, str) else number(float(value))
