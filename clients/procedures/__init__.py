"""A worked example: the one-stop counter of a commune (bộ phận một cửa cấp xã).

Read it in this order: ``dossier.py`` (what is kept), ``counter.py`` (what is asked, and what may
come back), ``birth.py`` and ``death.py`` (the two linked groups of procedures of Đề án 06),
``demo.py`` (a morning at the counter; ``make demo`` runs it). docs/procedures.md tells the story.
"""
