"""A figure as a reader meets it: described in words, sharp, and at home on any page.

Each picture has two faces. In a notebook it is a PNG. On the published site it is an inline
SVG that scales with the page, follows its light or dark theme, and is read aloud by screen
readers.
"""

import html
import io
import re
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from initlab._site import on_site
from initlab.style import COLORS, stylesheet

PNG_DPI = 144


@dataclass(frozen=True)
class Picture:
    """A figure with the words that stand for it where it cannot be seen.

    ``description`` says what is seen, with its numbers; it is the text output of the cell
    that shows the picture, so a change in what is seen is a change in the notebook.
    """

    figure: Figure
    description: str

    def __post_init__(self):
        if not isinstance(self.figure, Figure):
            raise TypeError(f"figure must be a matplotlib Figure, got {self.figure!r}")
        if not isinstance(self.description, str) or not self.description.strip():
            raise ValueError(f"description must say what is seen, got {self.description!r}")

    def __repr__(self) -> str:
        return self.description

    def png(self) -> bytes:
        """The picture on white, at 144 dots per inch."""
        buffer = io.BytesIO()
        FigureCanvasAgg(self.figure).print_figure(
            buffer,
            format="png",
            dpi=PNG_DPI,
            facecolor="white",
            metadata={"Software": None},
        )
        return buffer.getvalue()

    def svg(self, title: str) -> str:
        """An inline SVG element with ``title`` and the description for screen readers."""
        buffer = io.StringIO()
        FigureCanvasSVG(self.figure).print_svg(buffer, metadata={"Date": None})
        return _inline(buffer.getvalue(), title, self.description)

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        bundle = {"text/plain": self.description}
        if on_site():
            bundle["text/html"] = (
                f"<style>{stylesheet()}</style>"
                f'<div class="initlab-picture">{self.svg("Figure")}</div>'
            )
        else:
            bundle["image/png"] = b64encode(self.png()).decode()
        return bundle


def describe(figure: Figure, description: str) -> Picture:
    """Give a figure its description; as the last line of a cell it shows the picture."""
    return Picture(figure, description)


def _inline(svg: str, title: str, description: str) -> str:
    """Turn matplotlib's SVG file into an element for the body of a page."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    # Inside tags only: the text between them is what the reader reads.
    svg = re.sub(r"<[^>]*>", lambda tag: _compact(tag[0]), svg)
    # Ids must be unique on the page: drop those nobody points at, mark the others.
    mark = "f" + sha256((title + description + svg).encode()).hexdigest()[:8]
    used = set(re.findall(r'(?:url\(|href=")#([^)"]+)', svg))
    svg = re.sub(r' id="([^"]+)"', lambda m: f' id="{mark}{m[1]}"' if m[1] in used else "", svg)
    svg = re.sub(r'(url\(|href=")#', rf"\1#{mark}", svg)
    box = re.search(r'viewBox="([^"]+)"', svg)[1]
    words = (
        f'<title id="{mark}t">{html.escape(title)}</title>'
        f'<desc id="{mark}d">{html.escape(description)}</desc>'
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="{box}" role="img" aria-labelledby="{mark}t" aria-describedby="{mark}d">'
    )
    body = svg[svg.index(">") + 1 :]
    return re.sub(r">\s+<", "><", head + words + body).strip()


def _compact(tag: str) -> str:
    """One tag of matplotlib's SVG: shorter numbers, the page's colors and font."""
    tag = re.sub(r"(\d+\.\d\d)\d+", r"\1", tag)
    tag = re.sub(r' transform="rotate\(-0 [^"]*"', "", tag)
    # Colors of the palette become variables of the page, with the light value in reserve.
    for name, color in COLORS.items():
        tag = tag.replace(color, f"var(--initlab-{name},{color})")
    # The page's font, and a size that narrow screens may enlarge.
    tag = re.sub(r"font-family: [^;\"]*;? ?", "", tag)
    return re.sub(r"font-size: ([\d.]+)px", r"font-size: calc(var(--initlab-text,1)*\1px)", tag)
