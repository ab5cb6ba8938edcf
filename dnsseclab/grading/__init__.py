"""Graded exercises: what is asked, how a learner's code is asked without trusting it, and what is written about it.

In a notebook: `from dnsseclab.grading import check, my_data`. For a class: `python3 -m dnsseclab grade SUBMISSIONS/`.
"""

from typing import Any

__all__ = ["check", "my_data"]


def __getattr__(name: str) -> Any:
    """Load what a notebook wants when it wants it: every sandbox imports this package, and needs none of it."""
    if name not in __all__:
        raise AttributeError(f"dnsseclab.grading offers {' and '.join(__all__)}, and no {name}")
    from . import checking

    return getattr(checking, name)
