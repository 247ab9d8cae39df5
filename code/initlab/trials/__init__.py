"""The experiments that decide the register's claims: one function a claim, named after it.

``EXPERIMENTS["C31"](rng)`` measures claim C31 anew and returns its cases;
:func:`initlab.trials.case.verdict` turns them into a verdict.
"""

import pkgutil
import re
from importlib import import_module

EXPERIMENTS = {
    name.upper(): function
    for module in pkgutil.iter_modules(__path__)
    for name, function in vars(import_module(f"{__name__}.{module.name}")).items()
    if re.fullmatch(r"c\d{2,3}", name)
}
