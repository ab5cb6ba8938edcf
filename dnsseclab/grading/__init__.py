"""Graded exercises: what is asked, how a learner's code is asked without trusting it, and what is written about it.

In a notebook: `from dnsseclab.grading import check, my_data`. For a class: `python3 -m dnsseclab grade SUBMISSIONS/`.
"""

from .checking import check, my_data

__all__ = ["check", "my_data"]
