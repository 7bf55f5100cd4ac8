"""What is disclosed of a confidential issue, by who reads it. It takes what `cases` opened and remembered."""
from typing import Any

from contracts.schema import instant
from services.issues import rights
from services.issues.documents import task_json
from services.issues.schemas import desk, issue_json, own_issue_json, whose

Row = dict[str, Any]
PLACE = ("neighbourhood", "neighbourhood_name")


def case_json(found: Row) -> Row:
    """As its case worker reads it: what its filer does, and how to reach them, every agency's part, and the assessments."""
    tasks = [task_json(task) | desk(task) for task in found["tasks"]]
    told = [assessment_json(each) for each in found.get("assessments") or ()]
    return own_issue_json(found) | {"contact": found["contact"], "on_behalf_of": found.get("on_behalf_of"), "tasks": tasks,
                                    "assessment": told[-1] if told else None}


def assessment_json(assessment: Row) -> Row:
    return {**assessment, "at": instant(assessment["at"])}


def part_task_json(found: Row, task: Row) -> Row:
    """A task as its agency reads it: its own words, and of the issue's those that are meant for it (`rights.words_for`).

    Where a part was written for it, that stands in place of the text, the answers, the point and the category. Why another
    agency referred it here is that agency's to know.
    """
    own = desk(task) | ({"reason": None} if task.get("came_from") else {})
    return task_json(task) | whose(found, task) | own | {"issue": _meant_for(found, task)}


def _meant_for(found: Row, task: Row) -> Row:
    if rights.words_for(task, found["tasks"]) == "text":
        return {name: value for name, value in issue_json(found).items() if name not in ("tasks", "satisfaction")}
    return {"id": found["_id"], "version": found["version"], "filed_at": instant(found["filed_at"]),
            **{name: found[name] for name in PLACE}}
