"""The verification suite: cases that other people's numbers confirm. `drawbar verify` runs it.

Add a case: a function under dem/verify/cases/ with `@case(...)`, that module named in cases/__init__.py, and what it is
compared with in dem/verify/references/, with its source.
"""

from dem.verify import cases  # registers every case
from dem.verify.case import CASES, Case, Curve, Outcome, Row
from dem.verify.report import Report
from dem.verify.suite import run_case, run_suite, select_cases

__all__ = ["CASES", "Case", "Curve", "Outcome", "Report", "Row", "cases", "run_case", "run_suite", "select_cases"]
