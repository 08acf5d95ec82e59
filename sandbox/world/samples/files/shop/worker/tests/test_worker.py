import unittest

from worker import needed


class Ordering(unittest.TestCase):
    def test_an_empty_shelf_is_filled(self):
        self.assertEqual(needed(0), 12)

    def test_a_full_shelf_needs_nothing(self):
        self.assertEqual(needed(13), 0)
