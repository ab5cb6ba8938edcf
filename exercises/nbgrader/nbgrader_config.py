"""What nbgrader must know about these exercises; `python3 -m dnsseclab grade --nbgrader` lets a course load it.

Two things differ from nbgrader's defaults. The cells to fill in hold our stubs, with a docstring that is part of the
task, so nbgrader must not put stubs of its own there. And whose submission it is, is decided by the folder in which it
lies: the learner's own `my_progress.json`, which may say anything, is replaced before the notebook is executed.
"""

from pathlib import Path

from nbgrader.preprocessors import NbGraderPreprocessor

from dnsseclab.grading import progress


class WhoseItIs(NbGraderPreprocessor):
    """Tell `check` and `my_data` who the learner is."""

    def preprocess(self, nb, resources):
        """Write the student's identifier where the notebook is about to be executed."""
        progress.write(progress.Book(resources["nbgrader"]["student"]), Path(resources["metadata"]["path"]))
        return nb, resources


c = get_config()  # noqa: F821 (nbgrader provides it)
c.ClearSolutions.enabled = False
c.Autograde.autograde_preprocessors.prepend([WhoseItIs])
