"""From the contract, false alarms of a series in 30 days, to the limit of its statistic.

The statistic grows by 1 a period while nothing surges, so a limit is passed after as many periods on average as it is
high, divided by the share of it that is left once what it was passed by is taken off. That share hangs on how much a
period tells about the mean, mean / (1 + dispersion · mean), and hardly on anything else. So does how long an alarm that
was raised in error stays open, in which time no other can be raised. Both were found by simulation
(tests/monitor/test_surges_rates.py does it again).
"""

import numpy as np

from argosy.monitor.surges.series import Floats

_TOLD = np.array([0.02, 0.1, 0.4, 1.0, 2.0, 4.0, 8.0, 20.0, 60.0])
_KEPT = np.array([0.72, 0.65, 0.50, 0.40, 0.302, 0.222, 0.13, 0.043, 0.003])
_OPEN = np.array([354.0, 104.0, 32.0, 15.0, 9.0, 5.0, 3.0, 1.0, 1.0])
_CARE = 34.0  # by which the limit grows, for each part of a period's information that the mean is in doubt by
_LEAST = 4.0  # periods between false alarms


def told(expected: Floats, dispersion: Floats) -> Floats:
    """How much periods tell about their mean's logarithm."""
    return np.asarray(expected / (1 + dispersion * expected))


def kept(information: Floats) -> Floats:
    """The share of a limit that is left."""
    return np.asarray(np.interp(np.log(np.maximum(information, 1e-9)), np.log(_TOLD), _KEPT))


def care(information: Floats, doubt: Floats) -> Floats:
    """By what limits [series] are higher where the mean is in doubt; arrays are [series, periods]."""
    return np.asarray(1 + _CARE * (information * doubt).mean(axis=1))


def limits(information: Floats, rate: float) -> Floats:
    """The limits [series] for so many false alarms a period; ``information`` [series, periods] is that of some."""
    logarithm = np.log(np.maximum(information, 1e-9))
    share = np.interp(logarithm, np.log(_TOLD), _KEPT).mean(axis=1)
    away = np.interp(logarithm, np.log(_TOLD), _OPEN).mean(axis=1)
    return np.asarray(share * np.maximum(1 / rate - np.minimum(away, 0.5 / rate), _LEAST))
