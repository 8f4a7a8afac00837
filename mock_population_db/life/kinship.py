"""What newcomers are to the head of a household, from what their family there is."""

from __future__ import annotations

from mock_population_db.citizen import Relation, Sex

_CHILDREN = (Relation.SON, Relation.DAUGHTER, Relation.ADOPTED_CHILD, Relation.CHILD_IN_LAW)


def as_child(parent: int | None, sex: int) -> Relation:
    """The child of a member: ``parent`` is the member's relation to the head."""
    if parent in (Relation.HEAD, Relation.SPOUSE):
        return Relation.DAUGHTER if sex == Sex.FEMALE else Relation.SON
    return Relation.GRANDCHILD if parent in _CHILDREN else Relation.OTHER_RELATIVE


def as_spouse(spouse: int | None) -> Relation:
    """The wife or husband of a member: ``spouse`` is the member's relation to the head."""
    if spouse == Relation.HEAD:
        return Relation.SPOUSE
    return Relation.CHILD_IN_LAW if spouse in _CHILDREN else Relation.OTHER_RELATIVE
