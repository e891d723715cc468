# SPDX-License-Identifier: GPL-3.0-or-later
"""The bench of causes: each is produced on a real smbd with real clients.

The scenarios are in files by subject; SCENARIOS has all of them, by name, in
this order. Those whose name begins with like_ look like their neighbour and are
not.
"""

from importlib import import_module

from bench import SCENARIOS, answered, run_scenario
from conftest import make_modules  # bench has told where it is

__all__ = ['SCENARIOS', 'answered', 'make_modules', 'run_scenario']

for subject in ('healthy', 'network', 'clients', 'storage', 'server',
                'requests'):
    import_module('scenarios_' + subject)
