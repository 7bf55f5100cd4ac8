"""The gateway as nameko runs it: one class made of its surfaces."""
from functools import cache

from gateway import settings
from gateway.agencies import Agencies
from gateway.asking import Asking
from gateway.cases import Cases
from gateway.http import problem_json
from gateway.issues import Issues
from gateway.neighbours import Neighbours
from gateway.registers import Registers
from gateway.statistics import Statistics

CONFIG = {"problem": problem_json, "gateway": cache(settings.read)}


class Service(Issues, Neighbours, Cases, Agencies, Registers, Statistics):
    name = "gateway"
    ask = Asking()
