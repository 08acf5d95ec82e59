import unittest
from datetime import date

from app import prices


class Prices(unittest.TestCase):
    def test_the_same_day_has_the_same_prices(self):
        self.assertEqual(prices(date(2026, 1, 5)), prices(date(2026, 1, 5)))

    def test_nothing_is_free(self):
        self.assertTrue(all(cents > 0 for cents in prices(date.today()).values()))
