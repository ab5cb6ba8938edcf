"""Apps: what a learner presses, in a notebook. `attack_theatre()`, `predict(...)`, `check_yourself(...)`, ...

They know: widgets, and how to show the values of the other rooms.
They must not know: verdicts. Whatever an app says was decided, and written down, elsewhere;
and whatever it does can be done by a plain function call as well.
"""

from .chain_explorer import explore_chain
from .denial_explorer import explore_denial
from .hints import hints
from .inspector import inspect_message
from .keytrap_meter import keytrap_meter
from .prediction import compare, predict
from .quiz import check_yourself
from .rollover_timeline import rollover_timeline
from .signature_workbench import signature_workbench
from .signing_bench import sign_and_connect
from .theatre import attack_theatre

__all__ = [
    "attack_theatre",
    "check_yourself",
    "compare",
    "explore_chain",
    "explore_denial",
    "hints",
    "inspect_message",
    "keytrap_meter",
    "predict",
    "rollover_timeline",
    "sign_and_connect",
    "signature_workbench",
]
