"""A picture on a page: an image that carries its own description, for those who do not see it.

It knows: HTML. It must not know: what is in the picture.
Jupyter shows a bare SVG as an image without any description, so pictures come as HTML.
"""

import base64
from html import escape


def embedded(svg: str, text: str) -> str:
    """Return an SVG as HTML whose description is `text`."""
    picture = base64.b64encode(svg.encode()).decode()
    return f'<img alt="{escape(text)}" src="data:image/svg+xml;base64,{picture}" style="max-width: 100%">'
