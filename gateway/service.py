"""The gateway as nameko runs it: one class made of its surfaces."""
from functools import cache

from gateway import settings
from gateway.agencies import Agencies
from gateway.asking import Asking
from gateway.cases import Cases
from gateway.issues import Issues
from gateway.neighbours import Neighbours
from gateway.open311.errors import problem_for
from gateway.open311.surface import Open311
from gateway.registers import Registers
from gateway.statistics import Statistics

CONFIG = {"problem": problem_for, "gateway": cache(settings.read)}


class Service(Issues, Neighbours, Cases, Agencies, Registers, Statistics, Open311):
    name = "gateway"
    ask = Asking()
