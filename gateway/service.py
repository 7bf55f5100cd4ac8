"""The gateway as nameko runs it: one class made of its surfaces."""
from functools import cache

from gateway import settings
from gateway.agencies import Agencies
from gateway.asking import Asking
from gateway.cases import Cases
from gateway.describing import Describing
from gateway.front import surrounding
from gateway.issues import Issues
from gateway.limits import Limits
from gateway.neighbours import Neighbours
from gateway.open311.errors import problem_for
from gateway.open311.surface import Open311
from gateway.registers import Registers
from gateway.signing_in import SigningIn
from gateway.statistics import Statistics

told = cache(settings.read)
CONFIG = {"problem": problem_for, "around": surrounding(told), "gateway": told,
          "limits": cache(lambda: Limits(told().rates))}


class Service(Issues, Neighbours, Cases, Agencies, Registers, SigningIn, Statistics, Open311, Describing):
    name = "gateway"
    ask = Asking()
