"""A unified diff as lines for pages."""

from onboarding.pages.diffs import FileDiff, diff_lines

DIFF = """--- a/app.py
+++ b/app.py
@@ -1,2 +1,2 @@
 import os
-port = 80
+port = 8080
+--flag
\\ No newline at end of file
"""


def test_each_line_has_its_kind_and_no_sign_in_its_text() -> None:
    assert [(line.kind, line.sign, line.text) for line in diff_lines(DIFF)] == [
        ("place", " ", "@@ -1,2 +1,2 @@"),
        ("same", " ", "import os"),
        ("remove", "-", "port = 80"),
        ("add", "+", "port = 8080"),
        ("add", "+", "--flag"),
    ]


def test_added_and_removed_lines_are_counted() -> None:
    file = FileDiff("app.py", "", diff_lines(DIFF))
    assert (file.added, file.removed) == (2, 1)


def test_no_difference_has_no_lines() -> None:
    assert diff_lines("") == []
