"""The needs assessment of a confidential issue: how great the problem is and what is needed. Plain Python.

Every assessment stays as it was written; the newest is the current one. LEVELS are the risk levels of child protection case
management as Primero, UNICEF's open case management, has them; NEEDS are grouped after its types of services.
"""
from datetime import datetime

from contracts.errors import Refused
from contracts.issues import ConfidentialIssueChanged
from services.issues.life.task import Actor
from services.issues.model import Issue

LEVELS = ("none", "low", "medium", "high")
NEEDS = ("shelter", "food", "clothing", "health", "treatment", "psychosocial", "education", "documents", "legal", "safety",
         "family", "livelihood", "disability", "other")
MOST = 100  # assessments of one issue


def assess(issue: Issue, level: str, needs: list[str], note: str | None, by: Actor, at: datetime) -> None:
    """Adds one of LEVELS and some of NEEDS, with a note. Raises Refused where it is not confidential, or is full."""
    if not issue.confidential:
        raise Refused("not_confidential", "تنها پروندهٔ محرمانه نیازسنجی دارد. نخست آن را محرمانه کنید.",
                      "Only a confidential issue is assessed. Make it confidential first.")
    if len(issue.assessments) >= MOST:
        raise Refused("assessments_full", f"هر پرونده تا {MOST} نیازسنجی دارد. با دبیرخانه تماس بگیرید.",
                      f"An issue holds {MOST} assessments. Call the secretariat.")
    issue.assessments.append({"at": at, "by": str(by), "level": level, "needs": list(needs), "note": note})
    issue.note(at, by, "assess")
    issue.tell(ConfidentialIssueChanged(issue.id))
