"""The style sheets and scripts that lie beside this module, as text.

anywidget takes one text for each widget, so what several widgets share is put in front of it here.
"""

from importlib.resources import files


def read(*names: str) -> str:
    """Return package files one after the other: read('keyboard.js', 'prediction.js')."""
    return "\n".join(files(__package__).joinpath(name).read_text(encoding="utf-8") for name in names)
